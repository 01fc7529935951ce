//! What this machine costs whoever does nothing but wait and work a little: the measure for every tail in the table. A
//! virtual machine is halted and robbed by its hypervisor, and no program can be faster than that.

use std::hint::spin_loop;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use crate::table::Row;

const ROUNDS: usize = 600;
/// Between rounds: long enough for every thread to be asleep and the processor to be halted.
const PAUSE: Duration = Duration::from_millis(16);
/// A picture passes these threads: the host's, the worker, the encoder, the viewer's pump and the connection's driver.
const THREADS: usize = 4;
/// What each of them works, about.
const WORK: Duration = Duration::from_micros(100);
/// Of a busy thread, anything longer than this is time that was taken from it.
const TAKEN: Duration = Duration::from_micros(300);
const LONG: Duration = Duration::from_millis(1);

pub fn run(rows: &mut Vec<Row>) {
    relay(rows);
    busy(rows);
}

/// A message that goes from thread to thread.
fn relay(rows: &mut Vec<Row>) {
    let (first, mut previous): (SyncSender<()>, Receiver<()>) = sync_channel(1);
    let (woken_tx, woken) = sync_channel(1);
    let mut woken_tx = Some(woken_tx);
    let mut threads = Vec::new();
    for _ in 0..THREADS {
        let (next, receiver) = sync_channel(1);
        let from = std::mem::replace(&mut previous, receiver);
        let woken = woken_tx.take();
        threads.push(std::thread::spawn(move || {
            while from.recv().is_ok() {
                let now = Instant::now();
                if let Some(woken) = &woken {
                    let _ = woken.send(now);
                }
                while now.elapsed() < WORK {
                    spin_loop();
                }
                if next.send(()).is_err() {
                    return;
                }
            }
        }));
    }
    let (mut call, mut wake, mut way) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        std::thread::sleep(PAUSE);
        let start = Instant::now();
        if first.send(()).is_err() {
            return;
        }
        call.push(start.elapsed().as_secs_f64() * 1e6);
        let (Ok(at), Ok(())) = (woken.recv(), previous.recv()) else { return };
        wake.push(at.saturating_duration_since(start).as_secs_f64() * 1e6);
        let work = WORK.as_secs_f64() * THREADS as f64;
        way.push((start.elapsed().as_secs_f64() - work) * 1e3);
    }
    drop(first);
    for thread in threads {
        let _ = thread.join();
    }
    rows.push(Row::of("this machine: a call that wakes a thread", "us", call));
    rows.push(Row::of("this machine: until the thread runs", "us", wake));
    rows.push(Row::of("this machine: 4 threads in turn, 0.1 ms of work each, less that work", "ms", way));
}

/// What is taken from a thread that never waits, second by second.
fn busy(rows: &mut Vec<Row>) {
    let (mut taken, mut long) = (Vec::new(), Vec::new());
    for _ in 0..10 {
        let start = Instant::now();
        let (mut last, mut sum, mut count) = (start, Duration::ZERO, 0.0);
        while last - start < Duration::from_secs(1) {
            let now = Instant::now();
            let gap = now - last;
            last = now;
            sum += if gap > TAKEN { gap } else { Duration::ZERO };
            count += if gap > LONG { 1.0 } else { 0.0 };
        }
        taken.push(sum.as_secs_f64() * 1e3);
        long.push(count);
    }
    rows.push(Row::of("this machine: taken from a busy thread in a second", "ms", taken));
    rows.push(Row::of("this machine: takings of over 1 ms in a second", "count", long));
}
