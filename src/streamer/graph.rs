//! Wires the rooms together and takes them apart again: the only place that starts threads and the runtime.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::{oneshot, watch};

use super::audio_demand::AudioDemand;
use super::layers::Layers;
use super::proofs;
use super::session::{self, Context};
use super::shared::Shared;
use super::source::Source;
use super::{StreamerError, audio_worker, video_worker};
use crate::encode::select::Selector;
use crate::fanout::AudioFanout;
use crate::peer::Network;
use crate::time;

/// How long viewers are given to hear that we leave, and tasks to end.
const GOODBYE: Duration = Duration::from_millis(800);

/// Everything that runs between start and stop.
#[derive(Debug)]
pub struct Graph {
    shared: Arc<Shared>,
    pub layers: Arc<Layers>,
    threads: Vec<JoinHandle<()>>,
    runtime: Option<Runtime>,
    session: Option<tokio::task::JoinHandle<()>>,
    shutdown: watch::Sender<bool>,
}

impl Graph {
    pub fn start(shared: Arc<Shared>, selector: Arc<Selector>) -> Result<Self, StreamerError> {
        let layers = Layers::new(Arc::clone(&shared), Arc::clone(&selector));
        let audio = AudioFanout::new(shared.counters.audio_packets_dropped.clone());
        let audio_demand = Arc::new(AudioDemand::default());
        let (shutdown, shutdown_rx) = watch::channel(false);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("rc-net")
            .enable_all()
            .build()
            .map_err(|e| StreamerError::Resources(e.to_string()))?;
        shared.set_stopping(false);
        shared.started_at.store(time::now().0, std::sync::atomic::Ordering::Relaxed);
        let mut graph =
            Self { shared: Arc::clone(&shared), layers, threads: Vec::new(), runtime: None, session: None, shutdown };

        for source in shared.sources.all() {
            graph.run_source(source)?;
        }
        if shared.config.audio.enabled {
            let (audio_shared, audio_fanout, demand) = (Arc::clone(&shared), audio.clone(), Arc::clone(&audio_demand));
            graph.spawn("rc-audio", move || audio_worker::run(&audio_shared, &audio_fanout, &demand))?;
        }
        #[cfg(feature = "trace")]
        if shared.tracer.is_some() {
            let own = Arc::clone(&shared);
            graph.spawn("rc-trace", move || own.tracer.iter().for_each(|tracer| super::trace::run(&own, tracer)))?;
        }
        let (proved, proofs) = oneshot::channel();
        let (unknown, dropped) = (&shared.counters.datagrams_unknown, &shared.counters.datagrams_dropped);
        let network = Network::new(&shared.config.peer, unknown.clone(), dropped.clone());
        let layers = Arc::clone(&graph.layers);
        let host = shared.host_signals.open();
        shared.peers.open();
        let context = Context::new(shared, layers, audio, audio_demand, selector, network);
        let (own, stop) = (Arc::clone(&context), shutdown_rx.clone());
        graph.spawn("rc-proofs", move || {
            let codecs = proofs::prove_encoders(&own, || *stop.borrow());
            // Nobody waits any more only when the streamer has stopped.
            let _ = proved.send(codecs.clone());
            proofs::prove_spares(&own, &codecs, || *stop.borrow());
        })?;
        graph.session = Some(runtime.spawn(session::run(context, host, proofs, shutdown_rx)));
        graph.runtime = Some(runtime);
        Ok(graph)
    }

    /// Starts the worker of a source, which ends with the source or with all.
    pub fn run_source(&mut self, source: Arc<Source>) -> Result<(), StreamerError> {
        let name = if source.id.0 == 0 { "rc-video".to_owned() } else { format!("rc-video-{}", source.id.0) };
        // Sources come and go while this runs.
        self.threads.retain(|thread| !thread.is_finished());
        let (shared, layers, own) = (Arc::clone(&self.shared), Arc::clone(&self.layers), Arc::clone(&source));
        self.spawn(&name, move || video_worker::run(&shared, &layers, &own))?;
        source.gpu.set_closed(false);
        Ok(())
    }

    fn spawn(&mut self, name: &str, body: impl FnOnce() + Send + 'static) -> Result<(), StreamerError> {
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(body)
            .map_err(|e| StreamerError::Resources(e.to_string()))?;
        self.threads.push(thread);
        Ok(())
    }
}

impl Drop for Graph {
    fn drop(&mut self) {
        // No receiver is left only when the session has already ended.
        let _ = self.shutdown.send(true);
        self.shared.peers.close();
        self.shared.host_signals.close(); // a host that does not poll must not hold its viewers up
        if let (Some(runtime), Some(session)) = (self.runtime.take(), self.session.take()) {
            // On a thread of its own: a Rust host may call this inside a runtime, where blocking on another one panics.
            let goodbye = std::thread::spawn(move || {
                let _ = runtime.block_on(async { tokio::time::timeout(GOODBYE, session).await });
                runtime.shutdown_timeout(GOODBYE);
            });
            let _ = goodbye.join();
        }
        self.shared.set_stopping(true);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
        self.shared.received.join();
        self.layers.stop_all();
        self.shared.sources.all().iter().for_each(|source| source.gpu.set_closed(true));
        self.shared.set_link(None);
    }
}
