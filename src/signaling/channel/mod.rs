//! A channel that repeats every message to all others and names nobody: seeds of the plainest pages. Connection ids are
//! ours, one for each page as its descriptions tell it ([`Signature`](super::signature::Signature)); `relay` and `description` are its two
//! wordings.
//!
//! Several pages on one channel: each offer of another session is a viewer more, and the others play on. A page that was
//! loaded anew is another session too; what it left behind ends when its path is silent. With our own offer it is
//! the first answer that counts, since one offer can have one answer, and nobody else is invited while somebody is there: pages that wait
//! take every offer for theirs, and those that play would begin anew. For the same reason a page that falls silent is not looked
//! for by a restart of ICE; that a page offers one itself is well.

mod early;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::marker::PhantomData;
use std::time::Duration;

use super::candidate_json::Told;
use super::candidates::identity;
use super::conversation::Conversation;
use super::dialect::{Dialect, Malformed, Output};
use super::link::Link;
use super::signature::Signature;
use super::{ConnectionId, IceCandidate, SignalCommand, SignalEvent};
use crate::config::{OfferTurn, SignalingConfig};
use crate::time::Nanos;
use early::Early;

/// Conversations remembered. The oldest is forgotten: its viewer plays on, what its page still says begins a new one.
const MAX_CONVERSATIONS: usize = 1024;
/// Sessions and fragments of our own that are recognised when a server sends everything back.
const MAX_OWN: usize = 128;
/// After a viewer has gone, the next is invited.
const INVITE_AFTER: Duration = Duration::from_secs(1);
/// An invitation that leads to no offer (every place is taken) is made again.
const INVITE_AGAIN: Duration = Duration::from_secs(30);

/// What a message says.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    Offer(String),
    Answer(String),
    Candidate(Told),
    /// Nothing that matters, such as the end of candidates.
    Nothing,
}

/// How messages are written.
pub trait Wording: Send {
    /// Names the protocol for people.
    const NAME: &'static str;
    fn parse(text: &str) -> Result<Message, Malformed>;
    fn offer(sdp: &str) -> String;
    fn answer(sdp: &str) -> String;
    fn candidate(candidate: &IceCandidate, ufrag: Option<&str>) -> String;
}

/// One of these protocols.
pub struct Channel<W> {
    begins: bool,
    polite: bool,
    link: Link,
    conversations: VecDeque<Conversation>,
    /// Who spoke last: candidates that name nobody are theirs.
    last: Option<ConnectionId>,
    early: Early,
    own: VecDeque<u64>,
    next_id: u64,
    /// When to offer, with nobody there.
    invite_at: Option<Nanos>,
    wording: PhantomData<fn() -> W>,
}

impl<W: Wording> Channel<W> {
    pub fn new(config: &SignalingConfig) -> Self {
        Self {
            begins: config.offer == OfferTurn::First,
            polite: config.polite,
            link: Link::default(),
            conversations: VecDeque::new(),
            last: None,
            early: Early::default(),
            own: VecDeque::new(),
            next_id: 1,
            invite_at: None,
            wording: PhantomData,
        }
    }

    fn handle_offer(&mut self, sdp: String, now: Nanos, out: &mut Output) -> Result<(), Malformed> {
        let from = sign(&sdp)?;
        if self.own.contains(&from.session) {
            return Ok(());
        }
        let known = self.conversations.iter().position(|c| c.is_with(from.session));
        // Ours, which nobody has answered, and theirs are one conversation with glare.
        let known = known.or_else(|| self.conversations.iter().position(|c| !c.is_answered() && c.has_own_offer()));
        let at = known.unwrap_or_else(|| self.add(None));
        let polite = self.polite;
        if let Some(conversation) = self.conversations.get_mut(at) {
            out.events.push_back(conversation.take_offer(from, sdp, polite, now));
            self.release(at, out);
        }
        Ok(())
    }

    fn handle_answer(&mut self, sdp: &str, now: Nanos, out: &mut Output) -> Result<(), Malformed> {
        let from = sign(sdp)?;
        if self.own.contains(&from.session) {
            return Ok(());
        }
        // Whoever is in one conversation does not answer the offer of another.
        let with = self.conversations.iter().position(|c| c.is_with(from.session));
        let unknown = || self.conversations.iter().position(|c| !c.is_answered() && c.has_sent_offer());
        let at = with.or_else(unknown);
        let taken = at.and_then(|at| Some((at, self.conversations.get_mut(at)?.take_answer(&from, sdp)?)));
        let Some((at, (event, left))) = taken else {
            return Err(Malformed("an answer to no offer of ours".into()));
        };
        out.events.push_back(event);
        self.release(at, out);
        match left {
            Some(left) => self.handle_offer(left.sdp, now, out),
            None => Ok(()),
        }
    }

    fn handle_candidate(&mut self, told: Told, out: &mut Output) {
        let ufrag = told.ufrag.as_ref().map(|ufrag| identity(&ufrag.as_str()));
        if ufrag.is_some_and(|ufrag| self.own.contains(&ufrag)) {
            return;
        }
        let connection = match ufrag {
            Some(ufrag) => self.conversations.iter().find(|c| c.has_ufrag(ufrag)).map(|c| c.connection.clone()),
            None => self.last.clone(),
        };
        match connection {
            Some(connection) => {
                out.events.push_back(SignalEvent::Candidate { connection, candidate: told.candidate });
            }
            None => self.early.push(ufrag, told.candidate),
        }
    }

    /// Adds a conversation; gives its place.
    fn add(&mut self, invited_at: Option<(Nanos, &mut Output)>) -> usize {
        let connection = ConnectionId(format!("{}-{}", W::NAME, self.next_id).into());
        self.next_id += 1;
        let conversation = match invited_at {
            Some((now, out)) => {
                let (conversation, event) = Conversation::invited(connection);
                out.events.push_back(event);
                self.invite_at = Some(now + INVITE_AGAIN);
                conversation
            }
            None => Conversation::new(connection),
        };
        if self.conversations.len() >= MAX_CONVERSATIONS {
            self.conversations.pop_front();
        }
        self.conversations.push_back(conversation);
        self.conversations.len() - 1
    }

    /// Its page is known now: what it said before goes to it.
    fn release(&mut self, at: usize, out: &mut Output) {
        let Some(conversation) = self.conversations.get(at).filter(|c| c.is_answered()) else { return };
        self.last = Some(conversation.connection.clone());
        for candidate in self.early.take(|ufrag| ufrag.is_none_or(|ufrag| conversation.has_ufrag(ufrag))) {
            out.events.push_back(SignalEvent::Candidate { connection: conversation.connection.clone(), candidate });
        }
    }

    /// Whether somebody is there to talk to, or an offer of ours waits for somebody.
    fn is_busy(&self) -> bool {
        self.conversations.iter().any(|c| c.is_answered() || c.has_sent_offer())
    }

    /// Offers, if that is ours to do and nobody is there.
    fn invite(&mut self, now: Nanos, out: &mut Output) {
        self.invite_at = None;
        if self.begins && self.link.is_open() && !self.is_busy() {
            self.conversations.clear();
            self.add(Some((now, out)));
        }
    }

    /// These words of ours are not somebody else's when they come back.
    fn recognise(&mut self, sdp: &str) {
        let Some(signature) = Signature::of(sdp) else { return };
        for mark in signature.ufrags().iter().copied().chain([signature.session]) {
            if !self.own.contains(&mark) {
                self.own.push_back(mark);
            }
        }
        while self.own.len() > MAX_OWN {
            self.own.pop_front();
        }
    }

    fn find(&self, connection: &ConnectionId) -> Option<usize> {
        self.conversations.iter().position(|c| c.connection == *connection)
    }
}

impl<W: Wording> Dialect for Channel<W> {
    fn name(&self) -> &'static str {
        W::NAME
    }

    fn opened(&mut self, now: Nanos, out: &mut Output) {
        self.link.open(None, out);
        self.invite(now, out);
    }

    fn closed(&mut self, _now: Nanos, _out: &mut Output) {
        self.link.close();
    }

    fn handle_text(&mut self, text: &str, now: Nanos, out: &mut Output) -> Result<(), Malformed> {
        match W::parse(text)? {
            Message::Offer(sdp) => self.handle_offer(sdp, now, out),
            Message::Answer(sdp) => self.handle_answer(&sdp, now, out),
            Message::Candidate(told) => {
                self.handle_candidate(told, out);
                Ok(())
            }
            Message::Nothing => Ok(()),
        }
    }

    fn handle_command(&mut self, command: SignalCommand, now: Nanos, out: &mut Output) {
        match command {
            SignalCommand::Offer { connection, sdp } => {
                let Some(at) = self.find(&connection) else { return };
                // Whom it is for has mostly gone, and a page that has come meanwhile would take it for its own.
                if self.conversations[at].is_restart(&sdp) {
                    return;
                }
                let repeated = self.conversations[at].say_offer(&sdp, now);
                self.recognise(&sdp);
                self.link.send(&connection, W::offer(&sdp), out);
                let ufrag = self.conversations[at].our_ufrag();
                for candidate in repeated {
                    self.link.send(&connection, W::candidate(&candidate, ufrag), out);
                }
            }
            SignalCommand::Answer { connection, sdp } => {
                let Some(at) = self.find(&connection) else { return };
                self.conversations[at].say_answer(&sdp);
                self.recognise(&sdp);
                self.link.send(&connection, W::answer(&sdp), out);
            }
            SignalCommand::Candidate { connection, candidate } => {
                let Some(at) = self.find(&connection) else { return };
                self.conversations[at].say_candidate(&candidate);
                let frame = W::candidate(&candidate, self.conversations[at].our_ufrag());
                self.link.send(&connection, frame, out);
            }
            SignalCommand::Disconnect { connection } => {
                // The protocol has no word for it.
                self.link.forget(&connection);
                self.conversations.retain(|c| c.connection != connection);
                self.last.take_if(|last| *last == connection);
                if self.begins && !self.is_busy() {
                    self.invite_at = Some(now + INVITE_AFTER);
                }
            }
            SignalCommand::Call { .. } => {}
        }
    }

    fn next_deadline(&self) -> Option<Nanos> {
        let invite = self.invite_at.filter(|_| self.link.is_open());
        self.conversations.iter().filter_map(Conversation::next_deadline).chain(invite).min()
    }

    fn handle_tick(&mut self, now: Nanos, out: &mut Output) {
        for at in 0..self.conversations.len() {
            if let Some(event) = self.conversations[at].tick(now) {
                out.events.push_back(event);
                self.release(at, out);
            }
        }
        if self.invite_at.is_some_and(|at| at <= now) {
            self.invite(now, out);
        }
    }
}

fn sign(sdp: &str) -> Result<Signature, Malformed> {
    Signature::of(sdp).ok_or_else(|| Malformed("a description without an o= line, or one that is too long".into()))
}
