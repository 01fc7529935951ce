//! A viewer that costs next to nothing: fifty of them beside the host must not take its CPU. Once told to, its socket reads
//! RTP headers, which are not encrypted, and hands no RTP on: nothing is decrypted, reassembled or buffered. The feedback that
//! the host expects (transport-wide arrival times) is made of those headers, each 50 ms.

use std::collections::BTreeMap;
use std::future::Future;
use std::io::{Error, IoSliceMut};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use rendercast::time::{self, Nanos};
use rtc::rtcp::transport_feedbacks::transport_layer_cc::{
    PacketStatusChunk, RecvDelta, StatusChunkTypeTcc, StatusVectorChunk, SymbolSizeTypeTcc, SymbolTypeTcc,
    TransportLayerCc,
};
use webrtc::runtime::{
    AsyncInterval, AsyncTcpListener, AsyncTcpStream, AsyncUdpSocket, JoinHandle, RecvMeta, Runtime, Transmit,
};

use crate::viewer::Arrival;

pub const FEEDBACK_EVERY: Duration = Duration::from_millis(50);
/// Ticks of arrival times (draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1).
const TICK_US: i64 = 250;
const REFERENCE_US: i64 = 64_000;

#[derive(Debug, Default)]
struct Seen {
    /// By transport-wide number, unwrapped: when it came, in us.
    arrived: BTreeMap<i64, i64>,
    last: Option<i64>,
    reported: i64,
    reports: u8,
    ssrc: u32,
    frames: Vec<Arrival>,
    packets: u64,
    twcc_id: u8,
}

/// What one viewer's socket has seen.
#[derive(Debug, Default)]
pub struct Skimmed {
    on: AtomicBool,
    seen: Mutex<Seen>,
}

impl Skimmed {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on; `twcc_id` is the number of the transport-wide extension in the description.
    pub fn begin(&self, twcc_id: u8) {
        self.seen().twcc_id = twcc_id;
        self.on.store(true, Ordering::Release);
    }

    pub fn packets(&self) -> u64 {
        self.seen().packets
    }

    /// Every frame whose last packet came.
    pub fn frames(&self) -> Vec<Arrival> {
        self.seen().frames.clone()
    }

    fn take(&self, now: Nanos, packet: &[u8]) {
        let Some(timestamp) = packet.get(4..8) else { return };
        let word = |bytes: &[u8]| bytes.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
        let mut seen = self.seen();
        seen.packets += 1;
        seen.ssrc = word(packet.get(8..12).unwrap_or_default());
        if let Some(number) = transport_wide(packet, seen.twcc_id) {
            let last = seen.last.unwrap_or(i64::from(number));
            let number = last + i64::from(number.wrapping_sub(last as u16).cast_signed());
            if seen.last.is_none() {
                seen.reported = number - 1;
            }
            seen.last = Some(last.max(number));
            seen.arrived.insert(number, (now.0 / 1_000).cast_signed());
        }
        if packet[1] & 0x80 != 0 {
            seen.frames.push(Arrival { at: now, keyframe: false, size: None, timestamp: word(timestamp) });
        }
    }

    /// What has come since the last report; packets missing between are reported lost. None: nothing new.
    pub fn report(&self) -> Option<TransportLayerCc> {
        let mut seen = self.seen();
        let last = *seen.arrived.keys().next_back()?;
        let base = seen.reported + 1;
        let arrived = std::mem::take(&mut seen.arrived);
        let (_, first) = arrived.iter().next()?;
        let reference = first.div_euclid(REFERENCE_US);
        let (mut before, mut symbols, mut recv_deltas) = (reference * REFERENCE_US, Vec::new(), Vec::new());
        for number in base..=last {
            let Some(at) = arrived.get(&number) else {
                symbols.push(SymbolTypeTcc::PacketNotReceived);
                continue;
            };
            let ticks = (at - before).div_euclid(TICK_US);
            before += ticks * TICK_US;
            let small = (0..=255).contains(&ticks);
            let symbol =
                if small { SymbolTypeTcc::PacketReceivedSmallDelta } else { SymbolTypeTcc::PacketReceivedLargeDelta };
            symbols.push(symbol);
            recv_deltas.push(RecvDelta { type_tcc_packet: symbol, delta: ticks * TICK_US });
        }
        let chunk = |symbols: &[SymbolTypeTcc]| {
            PacketStatusChunk::StatusVectorChunk(StatusVectorChunk {
                type_tcc: StatusChunkTypeTcc::StatusVectorChunk,
                symbol_size: SymbolSizeTypeTcc::TwoBit,
                symbol_list: symbols.to_vec(),
            })
        };
        seen.reported = last;
        seen.reports = seen.reports.wrapping_add(1);
        Some(TransportLayerCc {
            sender_ssrc: 1,
            media_ssrc: seen.ssrc,
            base_sequence_number: base as u16,
            packet_status_count: u16::try_from(symbols.len()).ok()?,
            reference_time: reference as u32 & 0xff_ffff,
            fb_pkt_count: seen.reports,
            packet_chunks: symbols.chunks(7).map(chunk).collect(),
            recv_deltas,
        })
    }
}

/// The number in the one-byte header extension (RFC 8285, section 4.2) with this id.
fn transport_wide(packet: &[u8], id: u8) -> Option<u16> {
    if packet[0] & 0x10 == 0 {
        return None;
    }
    let at = 12 + usize::from(packet[0] & 0xf) * 4;
    let words = u16::from_be_bytes(packet.get(at + 2..at + 4)?.try_into().ok()?);
    let mut rest = packet.get(at + 4..at + 4 + usize::from(words) * 4)?;
    while let Some((&head, tail)) = rest.split_first() {
        let bytes = if head == 0 { 0 } else { usize::from(head & 0xf) + 1 };
        if head >> 4 == id && head != 0 {
            return tail.get(..2).map(|two| u16::from_be_bytes([two[0], two[1]]));
        }
        rest = tail.get(bytes..)?;
    }
    None
}

/// RTP, and not RTCP that shares its port (RFC 5761, section 4; RFC 7983).
fn is_rtp(packet: &[u8]) -> bool {
    packet.len() >= 12 && (128..192).contains(&packet[0]) && !(192..=223).contains(&packet[1])
}

#[derive(Debug)]
struct Socket {
    inner: Arc<dyn AsyncUdpSocket>,
    skimmed: Arc<Skimmed>,
}

impl Socket {
    /// Keeps what is not RTP, in order, and says how much that is.
    fn skim(&self, buffer: &mut [u8], stride: usize) -> usize {
        let (now, mut kept, length) = (time::now(), 0, buffer.len());
        for begin in (0..length).step_by(stride.max(1)) {
            let end = length.min(begin + stride.max(1));
            if is_rtp(&buffer[begin..end]) {
                self.skimmed.take(now, &buffer[begin..end]);
            } else {
                buffer.copy_within(begin..end, kept);
                kept += end - begin;
            }
        }
        kept
    }
}

impl AsyncUdpSocket for Socket {
    fn local_addr(&self) -> Result<SocketAddr, Error> {
        self.inner.local_addr()
    }

    fn poll_send(&self, cx: &mut Context<'_>, transmit: &Transmit<'_>) -> Poll<Result<usize, Error>> {
        self.inner.poll_send(cx, transmit)
    }

    fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<Result<usize, Error>> {
        loop {
            let came = ready!(self.inner.poll_recv(cx, bufs, meta))?;
            if !self.skimmed.on.load(Ordering::Acquire) {
                return Poll::Ready(Ok(came));
            }
            let mut filled = 0;
            for i in 0..came {
                let kept = self.skim(&mut bufs[i][..meta[i].len], meta[i].stride);
                if kept > 0 {
                    let rest = bufs[i][..kept].to_vec();
                    bufs[filled][..kept].copy_from_slice(&rest);
                    meta[filled] = meta[i];
                    meta[filled].len = kept;
                    filled += 1;
                }
            }
            if filled > 0 {
                return Poll::Ready(Ok(filled));
            }
        }
    }

    fn max_gso_segments(&self) -> usize {
        self.inner.max_gso_segments()
    }

    fn max_gro_segments(&self) -> usize {
        self.inner.max_gro_segments()
    }
}

/// The crate's own runtime, but for its sockets.
#[derive(Debug)]
pub struct Skimming {
    inner: Arc<dyn Runtime>,
    skimmed: Arc<Skimmed>,
}

impl Skimming {
    pub fn new(skimmed: Arc<Skimmed>) -> Self {
        Self { inner: webrtc::runtime::default_runtime().expect("tokio"), skimmed }
    }
}

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

impl Runtime for Skimming {
    fn spawn(&self, future: Pin<Box<dyn Future<Output = ()> + Send>>) -> Box<dyn JoinHandle> {
        self.inner.spawn(future)
    }
    fn wrap_udp_socket(&self, socket: std::net::UdpSocket) -> Result<Arc<dyn AsyncUdpSocket>, Error> {
        Ok(Arc::new(Socket { inner: self.inner.wrap_udp_socket(socket)?, skimmed: Arc::clone(&self.skimmed) }))
    }
    fn wrap_tcp_listener(&self, listener: std::net::TcpListener) -> Result<Arc<dyn AsyncTcpListener>, Error> {
        self.inner.wrap_tcp_listener(listener)
    }
    fn connect_tcp<'a>(&'a self, remote_addr: SocketAddr) -> Boxed<'a, Result<Arc<dyn AsyncTcpStream>, Error>> {
        self.inner.connect_tcp(remote_addr)
    }
    fn resolve_host<'a>(&'a self, host: &'a str) -> Boxed<'a, Result<Vec<SocketAddr>, Error>> {
        self.inner.resolve_host(host)
    }
    fn sleep(&self, duration: Duration) -> Boxed<'static, ()> {
        self.inner.sleep(duration)
    }
    fn interval(&self, period: Duration) -> Box<dyn AsyncInterval> {
        self.inner.interval(period)
    }
    fn block_on(&self, future: Pin<Box<dyn Future<Output = ()> + '_>>) {
        self.inner.block_on(future);
    }
}
