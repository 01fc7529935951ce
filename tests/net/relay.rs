//! Carries packets between two TUN devices, through [`Link`] in both directions.

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::time::{Duration, Instant, SystemTime};

use crate::link::{Link, Path};

const DEVICE: &str = "rc-link";
const LOG_EVERY: u64 = 20_000_000;
const PACKET: usize = 65_536;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    down: Option<Path>,
    up: Option<Path>,
}

fn checked(result: libc::c_int, what: &str) -> Result<libc::c_int, Error> {
    let error = Error::last_os_error();
    if result < 0 { Err(Error::new(error.kind(), format!("{what}: {error}"))) } else { Ok(result) }
}

/// A TUN device in that namespace. The file works from anywhere.
fn open_tun(namespace: &str) -> Result<File, Error> {
    if namespace != "-" {
        let place = File::open(format!("/run/netns/{namespace}"))?;
        // SAFETY: an open file; moves this thread, the only one.
        checked(unsafe { libc::setns(place.as_raw_fd(), libc::CLONE_NEWNET) }, "setns")?;
    }
    // SAFETY: a text that ends with a NUL.
    let file =
        checked(unsafe { libc::open(c"/dev/net/tun".as_ptr(), libc::O_RDWR | libc::O_NONBLOCK) }, "/dev/net/tun")?;
    // SAFETY: just opened, nobody else's.
    let file = unsafe { OwnedFd::from_raw_fd(file) };
    // SAFETY: integers and unions of them.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(DEVICE.bytes()) {
        *to = from as libc::c_char;
    }
    request.ifr_ifru.ifru_flags = (libc::IFF_TUN | libc::IFF_NO_PI) as libc::c_short;
    // SAFETY: the structure that this request takes.
    checked(unsafe { libc::ioctl(file.as_raw_fd(), libc::TUNSETIFF as _, &raw mut request) }, "TUNSETIFF")?;
    Ok(file.into())
}

/// Before everybody else: a late packet would be jitter that nobody asked for.
fn hurry() {
    let wanted = libc::sched_param { sched_priority: 20 };
    // SAFETY: a structure of this call's kind.
    if unsafe { libc::sched_setscheduler(0, libc::SCHED_FIFO, &raw const wanted) } != 0 {
        eprintln!("link: no real-time priority ({}): packets may be late", Error::last_os_error());
    }
}

/// What a non-blocking file has now. `Some(0)` is its end.
fn read_now(file: &mut impl Read, buffer: &mut [u8]) -> Result<Option<usize>, Error> {
    match file.read(buffer) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
        Err(error) => Err(error),
    }
}

/// The end of a path: packets from it go into a link, packets from the other link go out of it.
struct End {
    tun: File,
    buffer: Vec<u8>,
}

impl End {
    fn take(&mut self, now: u64, into: &mut Link) -> Result<(), Error> {
        while let Some(bytes) = read_now(&mut self.tun, &mut self.buffer)? {
            // IPv4 only: what the system says of itself by IPv6 is not traffic.
            if bytes > 0 && self.buffer[0] >> 4 == 4 {
                into.push(now, self.buffer[..bytes].to_vec());
            }
        }
        Ok(())
    }

    fn give(&mut self, now: u64, from: &mut Link) {
        while let Some(packet) = from.pop(now) {
            // A device that is down, or whose queue is full: the packet is lost, as on any network.
            let _ = self.tun.write(&packet);
        }
    }
}

struct Clock {
    begun: Instant,
    unix: Duration,
}

impl Clock {
    #[allow(clippy::disallowed_methods, reason = "the one clock of this program")]
    fn start() -> Self {
        Self { begun: Instant::now(), unix: SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default() }
    }
    fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
    fn unix_ms(&self, now: u64) -> f64 {
        self.unix.as_secs_f64() * 1e3 + now as f64 / 1e6
    }
}

fn wait(files: &[libc::c_int], ns: u64) {
    let mut waited: Vec<_> =
        files.iter().map(|file| libc::pollfd { fd: *file, events: libc::POLLIN, revents: 0 }).collect();
    let time = libc::timespec { tv_sec: (ns / 1_000_000_000) as _, tv_nsec: (ns % 1_000_000_000) as _ };
    // SAFETY: both live until the call returns. A failure is a wait that ended early.
    unsafe { libc::ppoll(waited.as_mut_ptr(), waited.len() as _, &raw const time, std::ptr::null()) };
}

/// Until standard input ends.
pub fn run(namespaces: [&str; 2], seed: u64) -> Result<(), Error> {
    let [above, below] = namespaces;
    let mut above = End { tun: open_tun(above)?, buffer: vec![0; PACKET] };
    let mut below = End { tun: open_tun(below)?, buffer: vec![0; PACKET] };
    let (mut down, mut up) = (Link::new(Path::default(), seed), Link::new(Path::default(), seed ^ u64::MAX));
    hurry();
    let mut stdin = std::io::stdin().lock();
    // SAFETY: our own standard input.
    checked(unsafe { libc::fcntl(0, libc::F_SETFL, libc::O_NONBLOCK) }, "standard input")?;
    let (mut out, mut said) = (std::io::stdout().lock(), Vec::new());
    writeln!(out, "READY {DEVICE}")?;
    out.flush()?;
    let clock = Clock::start();
    let (mut next_log, mut worst, mut orders) = (LOG_EVERY, 0, vec![0; 4_096]);
    loop {
        let due = [down.next_at(), up.next_at(), Some(next_log)].into_iter().flatten().min().unwrap_or(next_log);
        let files = [0, above.tun.as_raw_fd(), below.tun.as_raw_fd()];
        wait(&files, due.saturating_sub(clock.now()));
        let now = clock.now();
        worst = worst.max(now.saturating_sub(due));
        above.take(now, &mut down)?;
        below.take(now, &mut up)?;
        below.give(now, &mut down);
        above.give(now, &mut up);
        match read_now(&mut stdin, &mut orders)? {
            Some(0) => return Ok(()),
            Some(bytes) => said.extend_from_slice(&orders[..bytes]),
            None => {}
        }
        while let Some(end) = said.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = said.drain(..=end).collect();
            let change: Change = serde_json::from_slice(&line)?;
            down.set_path(now, change.down.unwrap_or(down.path()));
            up.set_path(now, change.up.unwrap_or(up.path()));
        }
        if now >= next_log {
            let (down, up) = (down.take_log(now), up.take_log(now));
            let line = serde_json::json!({
                "t": clock.unix_ms(now), "late_us": worst / 1_000, "down": down, "up": up,
            });
            writeln!(out, "{line}")?;
            out.flush()?;
            (next_log, worst) = (now + LOG_EVERY, 0);
        }
    }
}
