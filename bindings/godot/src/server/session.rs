//! One streamer at work, and what is known of its viewers and sources. No Godot in it.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use rendercast::config::Config;
use rendercast::input::{InputEvent, InputKind};
use rendercast::roles::Role;
use rendercast::streamer::{Event, EventKind, Severity, SourceOptions, Streamer};
use rendercast::units::{Size, SourceId, ViewerId};

use crate::cost::FrameCosts;
use crate::input::{Action, Translator};
use crate::running;

/// Warnings that are kept for the editor.
const WARNINGS: usize = 8;

/// What the node tells the game, in order.
#[derive(Debug, PartialEq)]
pub enum News {
    Started(String),
    Connected(ViewerId),
    Disconnected(ViewerId, String),
    Role(ViewerId, u32),
    Warned(String),
    Input { viewer: ViewerId, number: u32, plays: bool, action: Action },
    Message { viewer: ViewerId, channel: String, text: bool, data: Vec<u8> },
}

#[derive(Debug, Default)]
struct Viewer {
    /// Its number among the players, 0: it watches.
    number: u32,
    /// The one it had last, from 1.
    last_number: u32,
    translator: Translator,
    connected: bool,
}

pub struct Session {
    pub streamer: Arc<Streamer>,
    /// Pictures larger than this are made smaller; 0: as they are.
    pub largest: Size,
    /// Why something does not work, newest last.
    pub warnings: VecDeque<String>,
    /// What frames cost the main thread.
    pub costs: FrameCosts,
    viewers: BTreeMap<ViewerId, Viewer>,
    /// Who has left: told once all of its input is, which lets go of what it held.
    parting: Vec<(ViewerId, String)>,
    sources: HashMap<String, SourceId>,
}

impl Session {
    /// Starts a streamer. Returns at once; [`poll`](Self::poll) tells how it goes.
    pub fn start(config: Config, largest: Size) -> Result<Self, String> {
        let streamer = Streamer::new(config).map_err(|error| error.to_string())?;
        streamer.start().map_err(|error| error.to_string())?;
        let streamer = Arc::new(streamer);
        running::enter(&streamer);
        Ok(Self {
            streamer,
            largest,
            warnings: VecDeque::new(),
            costs: FrameCosts::default(),
            viewers: BTreeMap::new(),
            parting: Vec::new(),
            sources: HashMap::new(),
        })
    }

    /// What happened since the last time, oldest first.
    pub fn poll(&mut self) -> Vec<News> {
        let parting = std::mem::take(&mut self.parting);
        // Taken out first: a viewer's role is then never older than its input.
        let inputs: Vec<InputEvent> = std::iter::from_fn(|| self.streamer.poll_input()).collect();
        let mut news = Vec::new();
        while let Some(event) = self.streamer.poll_event() {
            self.take_event(event, &mut news);
        }
        for event in inputs {
            self.take_input(event, &mut news);
        }
        for (viewer, reason) in parting {
            self.viewers.remove(&viewer);
            news.push(News::Disconnected(viewer, reason));
        }
        news
    }

    fn take_event(&mut self, event: Event, news: &mut Vec<News>) {
        let Event { kind, severity, viewer, role, message, .. } = event;
        match kind {
            EventKind::ServerListening => news.push(News::Started(message)),
            EventKind::ViewerConnected => {
                self.viewers.entry(viewer).or_default().connected = true;
                news.push(News::Connected(viewer));
            }
            EventKind::ViewerDisconnected => {
                self.viewers.entry(viewer).or_default().connected = false;
                self.parting.push((viewer, message));
            }
            EventKind::RoleChanged => {
                let number = role.map_or(0, Role::number);
                let known = self.viewers.entry(viewer).or_default();
                known.number = number;
                if number > 0 {
                    known.last_number = number;
                }
                news.push(News::Role(viewer, number));
            }
            _ if severity >= Severity::Warning => {
                self.warn(message.clone());
                news.push(News::Warned(message));
            }
            _ => {}
        }
    }

    fn take_input(&mut self, event: InputEvent, news: &mut Vec<News>) {
        let viewer = event.viewer;
        if let InputKind::Message { channel, text, data, .. } = event.kind {
            return news.push(News::Message { viewer, channel, text, data });
        }
        let Some(known) = self.viewers.get_mut(&viewer) else { return };
        let mut actions = Vec::new();
        known.translator.translate(&event, &mut actions);
        let (number, plays) = (known.last_number.max(1), known.number > 0);
        news.extend(actions.into_iter().map(|action| News::Input { viewer, number, plays, action }));
    }

    pub fn warn(&mut self, message: String) {
        if self.warnings.len() == WARNINGS {
            self.warnings.pop_front();
        }
        self.warnings.push_back(message);
    }

    pub fn connected(&self) -> impl Iterator<Item = ViewerId> {
        self.viewers.iter().filter(|(_, viewer)| viewer.connected).map(|(id, _)| *id)
    }

    /// Its number among the players; 0: it watches, or is not here.
    pub fn number(&self, viewer: ViewerId) -> u32 {
        self.viewers.get(&viewer).map_or(0, |viewer| viewer.number)
    }

    /// The source of that name, made where there is none. The empty name is the source that is always there.
    pub fn source(&mut self, name: &str) -> Result<SourceId, String> {
        if name.is_empty() {
            return Ok(SourceId(0));
        }
        if let Some(known) = self.sources.get(name) {
            return Ok(*known);
        }
        let options = SourceOptions { label: name.to_owned(), ..Default::default() };
        let made = self.streamer.create_source(options).map_err(|error| error.to_string())?;
        self.sources.insert(name.to_owned(), made);
        Ok(made)
    }

    pub fn known_source(&self, name: &str) -> Option<SourceId> {
        if name.is_empty() { Some(SourceId(0)) } else { self.sources.get(name).copied() }
    }

    pub fn forget_source(&mut self, name: &str) {
        if let Some(known) = self.sources.remove(name) {
            // It is there, since it was made here and nobody else ends it.
            let _ = self.streamer.destroy_source(known);
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        running::leave(&self.streamer);
        self.streamer.stop();
    }
}
