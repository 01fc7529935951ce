//! One device of the host's: a backend and a ring for each streamer that pictures of it go to.

use std::sync::Arc;
use std::time::Duration;

use super::backend::{Api, Backend};
use super::error::GraphicsError;
use super::inbox::Inbox;
use super::ring::Ring;
use super::texture::Job;

/// How long closing waits for a streamer to give memory back. Encoding one picture never takes this long.
const PATIENCE: Duration = Duration::from_secs(2);

/// What became of a pushed texture. Only `Recorded` touched the GPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushed {
    Recorded,
    /// Every slot was in use: dropped and counted.
    Dropped,
    /// Nobody watches, or the streamer is not started: left out.
    Idle,
}

/// A device, whatever its API. Every method belongs on the host's render thread.
pub trait Device: Send {
    fn api(&self) -> Api;
    /// The device's name, for people.
    fn name(&self) -> &str;
    /// Records the job's texture for a streamer. Never waits. After `DeviceLost` every push gives the same.
    fn push(&mut self, inbox: &Arc<Inbox>, job: &Job) -> Result<Pushed, GraphicsError>;
    /// Publishes what the GPU has finished since the last push. Never waits.
    fn poll(&mut self);
    /// Takes all memory back and frees everything made on the device. Waits for pictures that are being encoded, at most
    /// two seconds. The device refuses everything afterwards.
    fn close(&mut self);
    /// Instead of `close`, where the API cannot be called: takes all memory back, waiting as `close` does, and leaves
    /// everything else to the end of the host's device.
    fn leave(&mut self);
}

/// A backend and its rings.
#[derive(Debug)]
pub struct Rings<B: Backend> {
    backend: B,
    rings: Vec<Ring<B::Slot>>,
    closed: bool,
}

impl<B: Backend> Rings<B> {
    pub fn new(backend: B) -> Self {
        Self { backend, rings: Vec::new(), closed: false }
    }

    fn ring(&mut self, inbox: &Arc<Inbox>) -> usize {
        if let Some(known) = self.rings.iter().position(|ring| Arc::ptr_eq(&ring.inbox, inbox)) {
            return known;
        }
        self.rings.push(Ring::new(Arc::clone(inbox)));
        self.rings.len() - 1
    }

    /// Frees the rings of streamers that have ended.
    fn prune(&mut self) {
        let backend = &mut self.backend;
        if self.rings.iter().any(|ring| ring.inbox.is_closed()) {
            // Nobody reads for a streamer that has ended, so this waits for the GPU alone; if that takes long, next time.
            self.rings.retain_mut(|ring| !(ring.inbox.is_closed() && ring.is_idle(backend)));
        }
    }

    /// A lost device is told to every streamer once; nothing of it is waited for.
    fn note(&mut self, error: &GraphicsError) {
        if error.is_device_lost() && !self.closed {
            self.closed = true;
            for ring in &mut self.rings {
                ring.abandon();
                ring.inbox.report_lost(self.backend.api());
            }
        }
    }
}

impl<B: Backend> Device for Rings<B> {
    fn api(&self) -> Api {
        self.backend.api()
    }

    fn name(&self) -> &str {
        self.backend.name()
    }

    fn push(&mut self, inbox: &Arc<Inbox>, job: &Job) -> Result<Pushed, GraphicsError> {
        if self.closed {
            inbox.count_drop();
            return Err(GraphicsError::DeviceLost { api: self.backend.api() });
        }
        job.check()?;
        self.prune();
        if inbox.is_closed() {
            return Ok(Pushed::Idle);
        }
        let index = self.ring(inbox);
        let ring = &mut self.rings[index];
        let pushed = if inbox.wants(job.pushed_at) {
            ring.push(&mut self.backend, job).map(|recorded| if recorded { Pushed::Recorded } else { Pushed::Dropped })
        } else {
            ring.poll(&mut self.backend).map(|()| Pushed::Idle)
        };
        if let Err(error) = &pushed {
            if error.is_drop() {
                inbox.count_drop();
            }
            self.note(error);
        }
        pushed
    }

    fn poll(&mut self) {
        if self.closed {
            return;
        }
        self.prune();
        for index in 0..self.rings.len() {
            if let Err(error) = self.rings[index].poll(&mut self.backend) {
                return self.note(&error);
            }
        }
    }

    fn close(&mut self) {
        self.closed = true;
        for ring in &mut self.rings {
            if !ring.close(&mut self.backend, PATIENCE) {
                ring.leak();
                tracing::error!(api = %self.backend.api(), "a picture was still being read when its device went; its memory is left alone");
            }
        }
        self.rings.clear();
        self.backend.close();
    }

    fn leave(&mut self) {
        self.closed = true;
        for mut ring in self.rings.drain(..) {
            ring.leave(PATIENCE);
        }
    }
}

impl<B: Backend> Drop for Rings<B> {
    fn drop(&mut self) {
        self.close();
    }
}
