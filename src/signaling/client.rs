//! The client of somebody else's signaling server: chooses the protocol by configuration and address, and asks a server
//! that talks HTTP what its pages talk. On a thread of its own or not.

use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::mpsc::{Receiver, Sender};

use super::call::CallDialect;
use super::description::Description;
use super::dialect::Dialect;
use super::line::Line;
use super::patience::LOOKUP_LIMIT;
pub use super::patience::Timing;
use super::relay::Relay;
use super::socket::{Carrier, Ended};
use super::urs::message::Generation;
use super::urs_http::Poller;
use super::urs_websocket::UrsWebSocket;
use super::{ConnectionId, SignalCommand, SignalEvent};
use crate::config::{SignalingConfig, SignalingProtocol};
use crate::stats::Counters;

/// [`run`] on a thread of its own, `rc-signaling`, so that neither media nor the host's loop can hold signaling up, nor
/// the other way round.
///
/// The thread ends within 400 ms after `commands` or `events` closes, however the server or its name service hangs. Its
/// end of `events` closes as the last thing it does, so joining it after that does not block.
///
/// # Errors
/// When the system refuses a thread or what it waits with.
pub fn spawn(
    config: SignalingConfig,
    events: Sender<SignalEvent>,
    commands: Receiver<SignalCommand>,
    counters: Counters,
) -> std::io::Result<JoinHandle<()>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(1) // for name lookups
        .thread_name("rc-lookup")
        .build()?;
    std::thread::Builder::new().name("rc-signaling".into()).spawn(move || {
        let until_the_end = events.clone();
        runtime.block_on(run(config, events, commands, counters));
        runtime.shutdown_timeout(LOOKUP_LIMIT);
        drop(until_the_end);
    })
}

/// Speaks with the server of `config` until `commands` or `events` closes, then takes leave there.
///
/// Never fails: what goes wrong is told by [`SignalEvent::Trouble`], once for each outage, and ended by
/// [`SignalEvent::Ready`]. Events wait in order while `events` is full, and reading waits with them; commands are taken
/// all the while.
pub async fn run(
    config: SignalingConfig,
    events: Sender<SignalEvent>,
    commands: Receiver<SignalCommand>,
    counters: Counters,
) {
    run_with(config, Timing::default(), events, commands, counters).await;
}

/// [`run`] with another patience.
pub async fn run_with(
    config: SignalingConfig,
    timing: Timing,
    events: Sender<SignalEvent>,
    commands: Receiver<SignalCommand>,
    counters: Counters,
) {
    let mut line = Line::new(events, commands, counters);
    if let Err(reason) = serve(&config, timing, &mut line).await {
        line.trouble(reason);
        line.wait_for_the_end().await;
    }
}

/// An error is one that no waiting mends.
async fn serve(config: &SignalingConfig, timing: Timing, line: &mut Line) -> Result<(), String> {
    if config.speaks_http() {
        return find_out(config, timing, line).await;
    }
    let mut carrier = Carrier::new(config, timing).map_err(|error| error.to_string())?;
    let mut dialect = dialect(config, None)?;
    while carrier.run(dialect.as_mut(), line).await == Ended::Lost {}
    Ok(())
}

/// The protocol over a WebSocket that is configured. `generation`: what a server of Unity Render Streaming said it is.
fn dialect(config: &SignalingConfig, generation: Option<Generation>) -> Result<Box<dyn Dialect>, String> {
    Ok(match config.protocol {
        SignalingProtocol::Auto | SignalingProtocol::UrsHttp | SignalingProtocol::UrsWebsocket => {
            Box::new(UrsWebSocket::new(generation, connection(config)))
        }
        SignalingProtocol::Relay => Box::new(Relay::new(config)),
        SignalingProtocol::Description => Box::new(Description::new(config)),
        SignalingProtocol::Call => Box::new(CallDialect::new(config)),
    })
}

/// Speaks HTTP, or a WebSocket where that is what the server's pages talk and the configuration leaves it open. What it is
/// is asked anew after every loss: it may have been started in another way.
async fn find_out(config: &SignalingConfig, timing: Timing, line: &mut Line) -> Result<(), String> {
    let mut poller = Poller::new(config, connection(config), timing).map_err(|error| error.to_string())?;
    let mut carrier = Carrier::new(config, timing).map_err(|error| error.to_string())?;
    let mut kept: Option<(Generation, Box<dyn Dialect>)> = None;
    while let Some(generation) = poller.run(line).await {
        // One is kept while the server stays what it is: it knows which connections live.
        let (_, dialect) = match kept.take() {
            Some(same) if same.0 == generation => kept.insert(same),
            _ => kept.insert((generation, dialect(config, Some(generation))?)),
        };
        if carrier.run(dialect.as_mut(), line).await == Ended::Gone {
            break;
        }
    }
    Ok(())
}

/// The connection that private mode has both sides name.
fn connection(config: &SignalingConfig) -> Option<ConnectionId> {
    let id = config.connection_id.as_str();
    (!id.is_empty()).then(|| ConnectionId(Arc::from(id)))
}
