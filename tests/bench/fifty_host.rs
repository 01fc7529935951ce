//! The host of fifty viewers as a process, what it says of itself and what the system says of its threads; and a link into
//! a namespace, for a viewer apart.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::net::Ipv4Addr;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::slow_link::command;

/// Of the range for measurements (RFC 2544, appendix C.2.2).
pub const HOST: Ipv4Addr = Ipv4Addr::new(198, 18, 78, 1);

// `build_net` of `tests/net/setup.sh` makes them.
const NET_HOST: &str = "target/release/net-host";
const LINK: &str = "target/debug/examples/link";

pub struct Host {
    child: Child,
    pub link: String,
    pub address: Ipv4Addr,
    last: Arc<Mutex<Value>>,
}

/// The library's figures, and the CPU time of each thread by name, at one moment.
pub struct Figures {
    own: Value,
    /// By thread id: its name, and nanoseconds on a CPU.
    threads: HashMap<OsString, (String, f64)>,
}

impl Figures {
    pub fn figure(&self, name: &str) -> f64 {
        self.own[name].as_f64().unwrap_or(f64::NAN)
    }

    pub fn counter(&self, name: &str) -> f64 {
        self.own["counters"][name].as_f64().unwrap_or(f64::NAN)
    }

    /// Nanoseconds since `before` of the threads whose names begin so. What a thread that has ended spent is not known.
    pub fn cpu_ns(&self, before: &Self, name: &str) -> f64 {
        let spent = |(id, (_, ns)): (&OsString, &(String, f64))| ns - before.threads.get(id).map_or(0.0, |(_, ns)| *ns);
        self.threads.iter().filter(|(_, (thread, _))| thread.starts_with(name)).map(spent).sum()
    }
}

impl Host {
    pub fn start(address: Ipv4Addr) -> Self {
        let config = json!({
            "server": { "address": format!("{address}:0"), "token": "measuring" },
            "peer": { "bind_addresses": [address.to_string()] },
            "audio": { "enabled": false },
            "video": { "fps": 30, "start_bitrate_kbps": 2500, "max_bitrate_kbps": 2500, "codecs": ["h264"] },
        });
        let file = std::env::temp_dir().join(format!("rendercast-fifty-{}.json", std::process::id()));
        std::fs::write(&file, config.to_string()).expect("a file for the configuration");
        let mut child = Command::new(NET_HOST)
            .arg(&file)
            .args(["1280", "720", "30", "24"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("net-host starts");
        let mut lines = BufReader::new(child.stdout.take().expect("stdout")).lines().map_while(Result::ok);
        let link =
            lines.find_map(|line| line.strip_prefix("LINK ").map(str::to_owned)).expect("net-host prints its link");
        let _ = std::fs::remove_file(file);
        let last = Arc::new(Mutex::new(Value::Null));
        let told = Arc::clone(&last);
        std::thread::spawn(move || {
            for line in lines {
                let text = line.splitn(3, ' ').nth(2).unwrap_or_default();
                if let Ok(figures) = serde_json::from_str(text) {
                    *told.lock().expect("figures") = figures;
                }
            }
        });
        Self { child, link, address, last }
    }

    pub fn figures(&self) -> Figures {
        let mut threads = HashMap::new();
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.child.id())).into_iter().flatten();
        for task in tasks.flatten().map(|entry| entry.path()) {
            let read = |name: &str| std::fs::read_to_string(task.join(name)).unwrap_or_default();
            let id = task.file_name().unwrap_or_default().to_owned();
            // The first figure: nanoseconds on a CPU.
            let ns =
                read("schedstat").split_whitespace().next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or(f64::NAN);
            threads.insert(id, (read("comm").trim().to_owned(), ns));
        }
        Figures { own: self.last.lock().expect("figures").clone(), threads }
    }

    pub fn memory_kib(&self) -> f64 {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or("");
        line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).unwrap_or(f64::NAN)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A link into a namespace of its own; both are gone when dropped.
pub struct Link {
    name: String,
    child: Child,
    orders: Mutex<ChildStdin>,
}

impl Link {
    pub const BELOW: &str = "198.18.78.2";

    /// None where it cannot be had, which is said.
    pub fn start() -> Option<Self> {
        let name = format!("rc-fifty-{}", std::process::id());
        let skipped = |why: String| eprintln!("SKIPPED the slow viewer and the vanishing one: {why}");
        if let Err(why) = command(&format!("ip netns add {name}")) {
            skipped(why);
            return None;
        }
        let mut spawning = Command::new(LINK);
        spawning.args(["-", &name]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let Ok(mut child) = spawning.spawn() else {
            let _ = command(&format!("ip netns del {name}"));
            skipped(format!("{LINK} is not built"));
            return None;
        };
        let orders = Mutex::new(child.stdin.take().expect("stdin"));
        let mut lines = BufReader::new(child.stdout.take().expect("stdout")).lines().map_while(Result::ok);
        let device = lines.next().and_then(|line| line.strip_prefix("READY ").map(str::to_owned));
        std::thread::spawn(move || lines.for_each(drop));
        let link = Self { name: name.clone(), child, orders };
        let below = Self::BELOW;
        let ready = device.ok_or_else(|| "no TUN device".to_owned()).and_then(|device| {
            for line in [
                format!("ip addr add {HOST} peer {below} dev {device}"),
                format!("ip link set {device} up"),
                format!("ip -n {name} link set lo up"),
                format!("ip -n {name} addr add {below} peer {HOST} dev {device}"),
                format!("ip -n {name} link set {device} up"),
                // The test viewer's ICE joins a multicast group (mDNS), and fails without a route to it.
                format!("ip -n {name} route add 224.0.0.0/4 dev {device}"),
            ] {
                command(&line)?;
            }
            Ok(())
        });
        ready.map_err(skipped).ok().map(|()| link)
    }

    /// One line for the link: see tests/net/link_main.rs.
    pub fn set(&self, paths: &str) {
        let _ = writeln!(self.orders.lock().expect("orders"), "{paths}");
    }

    /// This program again, at the far end.
    pub fn spawn_viewer(&self, arguments: &[&str]) -> Child {
        let own = std::env::current_exe().expect("this program's path");
        let mut spawning = Command::new("ip");
        spawning.args(["netns", "exec", &self.name]).arg(own).args(arguments);
        spawning.stdout(Stdio::piped()).spawn().expect("a viewer starts")
    }

    /// It answers nothing any more, and says no goodbye.
    pub fn stop_process(child: &Child) {
        if let Err(error) = command(&format!("kill -STOP {}", child.id())) {
            eprintln!("{error}");
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Err(error) = command(&format!("ip netns del {}", self.name)) {
            eprintln!("{error}");
        }
    }
}
