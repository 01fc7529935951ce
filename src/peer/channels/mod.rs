//! Data channels of one connection, by keys of ours: labels need not differ, and the crate's numbers are not the streams' ids.

mod follow;
mod options;
mod speak;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use rtc::peer_connection::transport::RTCSctpTransportState;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;
use webrtc::data_channel::{DataChannel, RTCDataChannelInit};
use webrtc::peer_connection::PeerConnection;

use super::negotiate::at;
use super::settings::{PeerError, PeerEvent};
use crate::time::{self, Nanos};

pub use options::{ChannelOptions, MAX_CHANNELS, MAX_TEXT_BYTES, OptionsError, Reliability};

/// Bytes of one channel that the crate may hold and the browser has not acknowledged; more waits with us. Messages that need
/// no order overtake these, ordered ones of other channels stand behind them.
pub const SEND_BUFFER_BYTES: usize = 256 << 10;
/// A stream that we closed is the other side's to close too before its id means another channel: so long at least.
const LEAST_REST: Duration = Duration::from_millis(500);
/// How often a channel that waits looks whether it can be opened.
const LOOK: Duration = Duration::from_millis(10);

/// Names a channel; never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChannelKey(u64);

impl ChannelKey {
    fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// What a task that follows a channel and those who use it share.
#[derive(Clone, Default)]
struct Signs {
    /// Everything that was sent has been acknowledged, or the channel is gone.
    drained: Arc<Notify>,
    /// We closed it before it was open: nothing will come of it.
    given_up: Arc<Notify>,
    /// The crate took it for the page's.
    twin: Arc<Notify>,
}

struct Entry {
    /// None while it waits for its turn.
    channel: Option<Arc<dyn DataChannel>>,
    id: Option<u16>,
    ours: bool,
    open: bool,
    signs: Signs,
    /// What the crate announced as the page's although it is ours, with what it told of it.
    twin: Option<Arc<dyn DataChannel>>,
}

impl Entry {
    fn new(channel: Option<Arc<dyn DataChannel>>, id: Option<u16>, ours: bool, signs: &Signs) -> Self {
        Self { channel, id, ours, open: false, signs: signs.clone(), twin: None }
    }
}

#[derive(Default)]
struct Table {
    entries: HashMap<ChannelKey, Entry>,
    tasks: Vec<JoinHandle<()>>,
    /// Until then the id of a channel that we closed may still mean that one.
    resting_until: Nanos,
    closed: bool,
}

impl Table {
    fn enter(&mut self, key: ChannelKey, entry: Entry) -> Result<(), PeerError> {
        if self.closed {
            return Err(PeerError::Closed);
        }
        if self.entries.len() >= MAX_CHANNELS {
            return Err(OptionsError::TooMany.into());
        }
        if let Some(id) = entry.id.filter(|id| self.entries.values().any(|other| other.id == Some(*id))) {
            return Err(OptionsError::IdInUse(id).into());
        }
        self.entries.insert(key, entry);
        Ok(())
    }

    fn spawn(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.retain(|task| !task.is_finished());
        if !self.closed {
            self.tasks.push(tokio::spawn(task));
        }
    }
}

/// The channels of one peer.
#[derive(Default)]
pub struct Channels {
    table: Mutex<Table>,
    connection: OnceLock<Weak<dyn PeerConnection>>,
    /// One that waited has been opened: others may be.
    turn: Notify,
    /// Held while one of ours is made: the crate may tell of its opening before it has told us that it is made.
    making: tokio::sync::Mutex<()>,
}

impl Channels {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whose channels they are.
    pub fn attach(&self, connection: &Arc<dyn PeerConnection>) {
        let _ = self.connection.set(Arc::downgrade(connection));
    }

    fn connection(&self) -> Result<Arc<dyn PeerConnection>, PeerError> {
        self.connection.get().and_then(Weak::upgrade).ok_or(PeerError::Closed)
    }

    /// Reads a channel that the page has opened.
    pub fn watch(self: &Arc<Self>, channel: Arc<dyn DataChannel>, events: mpsc::Sender<PeerEvent>) {
        let channels = Arc::clone(self);
        self.table().spawn(async move {
            drop(channels.making.lock().await);
            if channels.is_ours(&channel) {
                return;
            }
            let (key, signs) = (ChannelKey::next(), Signs::default());
            let entry = Entry::new(Some(Arc::clone(&channel)), None, false, &signs);
            let entered = channels.table().enter(key, entry);
            let options = match entered {
                Ok(()) => follow::described(&*channel).await,
                Err(error) => Err(error),
            };
            match options {
                Ok(options) => channels.follow(key, &channel, options, &signs, &events).await,
                Err(error) => {
                    tracing::warn!(%error, "a data channel of the page is closed");
                    let _ = channel.close().await;
                    channels.table().entries.remove(&key);
                }
            }
        });
    }

    /// Whether the crate announces one of ours: its first events are this one's, and without it the others are nobody's.
    fn is_ours(&self, announced: &Arc<dyn DataChannel>) -> bool {
        let mut table = self.table();
        let same = |entry: &&mut Entry| {
            entry.ours && entry.channel.as_ref().is_some_and(|channel| channel.id() == announced.id())
        };
        let own = table.entries.values_mut().find(same);
        if let Some(entry) = own {
            entry.twin = Some(Arc::clone(announced));
            entry.signs.twin.notify_one();
            return true;
        }
        false
    }

    /// Opens one ourselves. `connected`: the connection stands, and ids are given out at once.
    pub async fn open(
        self: &Arc<Self>,
        options: ChannelOptions,
        connected: bool,
        events: mpsc::Sender<PeerEvent>,
    ) -> Result<ChannelKey, PeerError> {
        options.validate()?;
        let (key, signs) = (ChannelKey::next(), Signs::default());
        let entry = Entry::new(None, options.negotiated, true, &signs);
        self.table().enter(key, entry)?;
        let waits = self.is_associating().await || connected && self.must_wait(key, &options);
        let created = if waits { None } else { Some(self.create(key, &options).await?) };
        let channels = Arc::clone(self);
        self.table().spawn(async move {
            let channel = match created {
                Some(channel) => Some(channel),
                None => channels.create_in_turn(key, &options, &signs).await,
            };
            match channel {
                Some(channel) => channels.follow(key, &channel, options, &signs, &events).await,
                None => channels.end(key, true, &signs, &events).await,
            }
        });
        Ok(key)
    }

    /// Whether the association was agreed on and does not stand. What the crate is told to announce between its first and its
    /// last packet, never reaches the other side; what it knows of before is announced once it stands.
    async fn is_associating(&self) -> bool {
        let Ok(connection) = self.connection() else { return false };
        match connection.sctp().await {
            Some(association) => !matches!(association.state().await, Ok(RTCSctpTransportState::Connected)),
            None => false,
        }
    }

    /// Whether the id that this channel would get may still be another's, or others are before it.
    fn must_wait(&self, key: ChannelKey, options: &ChannelOptions) -> bool {
        let table = self.table();
        let before = |(other, entry): (&ChannelKey, &Entry)| entry.channel.is_none() && other.0 < key.0;
        if table.entries.iter().any(before) {
            return true;
        }
        // The id of one that is being announced is the crate's secret until it is open.
        let announced = |entry: &Entry| entry.ours && !entry.open && entry.id.is_none() && entry.channel.is_some();
        time::now() < table.resting_until || options.negotiated.is_some() && table.entries.values().any(announced)
    }

    async fn create_in_turn(
        &self,
        key: ChannelKey,
        options: &ChannelOptions,
        signs: &Signs,
    ) -> Option<Arc<dyn DataChannel>> {
        while self.must_wait(key, options) || self.is_associating().await {
            tokio::select! {
                () = self.turn.notified() => {}
                () = tokio::time::sleep(LOOK) => {}
                () = signs.given_up.notified() => return None,
            }
        }
        let created = self.create(key, options).await;
        self.turn.notify_waiters();
        created.inspect_err(|error| tracing::warn!(%error, "a data channel")).ok()
    }

    async fn create(&self, key: ChannelKey, options: &ChannelOptions) -> Result<Arc<dyn DataChannel>, PeerError> {
        let mut init = RTCDataChannelInit {
            ordered: options.ordered,
            protocol: options.protocol.clone(),
            negotiated: options.negotiated,
            ..Default::default()
        };
        match options.reliability {
            Reliability::Reliable | Reliability::Unknown => {}
            Reliability::PacketLifeTime(ms) => init.max_packet_life_time = Some(ms),
            Reliability::Retransmits(times) => init.max_retransmits = Some(times),
        }
        let _making = self.making.lock().await;
        let created = match self.connection() {
            Ok(connection) => {
                connection.create_data_channel(&options.label, Some(init)).await.map_err(at("data channel"))
            }
            Err(error) => Err(error),
        };
        let mut table = self.table();
        match created {
            Ok(channel) => {
                if let Some(entry) = table.entries.get_mut(&key) {
                    entry.channel = Some(Arc::clone(&channel));
                }
                Ok(channel)
            }
            Err(error) => {
                table.entries.remove(&key);
                Err(error)
            }
        }
    }

    /// Ends every task; the crate's channel objects hold its whole connection and must not outlive it.
    pub async fn close(&self) {
        let (tasks, entries) = {
            let mut table = self.table();
            table.closed = true;
            (std::mem::take(&mut table.tasks), std::mem::take(&mut table.entries))
        };
        for entry in entries.values() {
            entry.signs.drained.notify_one();
        }
        drop(entries);
        for task in tasks {
            task.abort();
            let _ = task.await;
        }
    }
}
