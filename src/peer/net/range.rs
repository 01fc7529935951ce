//! Ports of one's own within a range. The crate binds them itself, so here they are only chosen: tried, let go, and kept
//! from this process's other connections until the connection that has them ends.

use std::collections::HashSet;
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::{Mutex, PoisonError};

/// What this process's connections have.
static TAKEN: Mutex<Option<HashSet<SocketAddr>>> = Mutex::new(None);

/// Ports that nobody else of us takes, until it is dropped.
#[derive(Debug, Default)]
pub struct Reserved(Vec<SocketAddr>);

/// A port on each address. An error: on one of them all are taken, or none can be used at all.
pub fn reserve(addresses: &[IpAddr], [first, last]: [u16; 2]) -> io::Result<Reserved> {
    let mut reserved = Reserved::default();
    let mut unusable = None;
    for ip in addresses {
        match free_port(*ip, first, last) {
            Ok(address) => reserved.0.push(address),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(error),
            // An interface that has just gone.
            Err(error) => unusable = Some(error),
        }
    }
    match unusable {
        Some(error) if reserved.0.is_empty() => Err(error),
        _ => Ok(reserved),
    }
}

fn free_port(ip: IpAddr, first: u16, last: u16) -> io::Result<SocketAddr> {
    let mut guard = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
    let taken = guard.get_or_insert_default();
    for port in first..=last {
        let address = SocketAddr::new(ip, port);
        if taken.contains(&address) {
            continue;
        }
        match UdpSocket::bind(address) {
            Ok(_) => {
                taken.insert(address);
                return Ok(address);
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied) => {}
            Err(error) => return Err(error),
        }
    }
    let message = format!("peer.udp_port_range: no port from {first} to {last} is free on {ip}");
    Err(io::Error::new(io::ErrorKind::AddrInUse, message))
}

impl Reserved {
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.0
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        if let Some(taken) = TAKEN.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            for address in &self.0 {
                taken.remove(address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_connection_has_its_own_port_until_none_is_left() {
        let localhost = IpAddr::from([127, 0, 0, 1]);
        // A port that is free, found by the system; a range of it alone.
        let port = UdpSocket::bind((localhost, 0)).unwrap().local_addr().unwrap().port();
        let first = reserve(&[localhost], [port, port]).unwrap();
        assert_eq!(first.addresses(), [SocketAddr::new(localhost, port)]);
        let error = reserve(&[localhost], [port, port]).unwrap_err().to_string();
        assert_eq!(error, format!("peer.udp_port_range: no port from {port} to {port} is free on 127.0.0.1"));
        drop(first);
        let _other_program = UdpSocket::bind((localhost, port)).unwrap();
        assert!(reserve(&[localhost], [port, port]).is_err());
    }
}
