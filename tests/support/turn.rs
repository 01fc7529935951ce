//! coturn as a TURN server of this machine's own, for one test.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// Ends with the test.
pub struct TurnServer {
    pub port: u16,
    pub tls_port: u16,
    /// What its certificate is checked with.
    pub ca_file: PathBuf,
    folder: PathBuf,
    child: Child,
}

/// Where a server that opened it and closed it may open it again: nobody else is given the same within seconds.
fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

impl TurnServer {
    pub const USER: &str = "viewer";
    pub const PASSWORD: &str = "secret";

    /// None, and says so, where coturn is not installed. Its certificate is for `localhost`.
    pub fn start(test: &str) -> Option<Self> {
        if Command::new("turnserver").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
            println!("SKIPPED {test}: turnserver (Debian: coturn) is not installed");
            return None;
        }
        let folder = std::env::temp_dir().join(format!("rendercast-turn-{}-{test}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let certified = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let (ca_file, key_file) = (folder.join("cert.pem"), folder.join("key.pem"));
        std::fs::write(&ca_file, certified.cert.pem()).unwrap();
        std::fs::write(&key_file, certified.signing_key.serialize_pem()).unwrap();
        let (port, tls_port) = (free_port(), free_port());
        let config = format!(
            "listening-port={port}\ntls-listening-port={tls_port}\nlistening-ip=127.0.0.1\nrelay-ip=127.0.0.1\n\
             realm=test\nlt-cred-mech\nuser={}:{}\nallow-loopback-peers\nno-cli\ncert={}\npkey={}\nverbose\n\
             pidfile={}\nuserdb={}\nlog-file={}\nsimple-log\nno-dtls\nrelay-threads=1\n",
            Self::USER,
            Self::PASSWORD,
            ca_file.display(),
            key_file.display(),
            folder.join("pid").display(),
            folder.join("users").display(),
            folder.join("log").display(),
        );
        let config_file = folder.join("turnserver.conf");
        std::fs::write(&config_file, config).unwrap();
        let child = Command::new("turnserver")
            .arg("-c")
            .arg(&config_file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut server = Self { port, tls_port, ca_file, folder, child };
        while TcpStream::connect((Ipv4Addr::LOCALHOST, tls_port)).is_err() {
            assert!(server.child.try_wait().unwrap().is_none(), "coturn has ended:\n{}", server.log());
            std::thread::yield_now();
        }
        Some(server)
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for TurnServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
