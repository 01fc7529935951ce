//! The crate's way to the system, for one peer: tokio, but for sockets, which are ours ([`super`]), and names of TURN
//! servers behind streams.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use webrtc::runtime::{
    AsyncInterval, AsyncTcpListener, AsyncTcpStream, AsyncUdpSocket, JoinHandle, Runtime, TokioRuntime,
};

use super::PeerNetwork;
use crate::time;

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

impl Runtime for PeerNetwork {
    fn spawn(&self, future: Boxed<'static, ()>) -> Box<dyn JoinHandle> {
        TokioRuntime.spawn(future)
    }

    fn wrap_udp_socket(&self, socket: std::net::UdpSocket) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        let local = socket.local_addr()?;
        // Multicast DNS, the only socket on all addresses.
        if local.ip().is_unspecified() {
            return TokioRuntime.wrap_udp_socket(socket);
        }
        self.udp_socket(local, socket)
    }

    fn wrap_tcp_listener(&self, listener: std::net::TcpListener) -> io::Result<Arc<dyn AsyncTcpListener>> {
        self.tcp_listener(listener.local_addr()?)
    }

    fn connect_tcp<'a>(&'a self, _: SocketAddr) -> Boxed<'a, io::Result<Arc<dyn AsyncTcpStream>>> {
        // Asked for by a page's candidates, which could name any machine we see.
        Box::pin(async { Err(io::ErrorKind::Unsupported.into()) })
    }

    fn resolve_host<'a>(&'a self, host: &'a str) -> Boxed<'a, io::Result<Vec<SocketAddr>>> {
        Box::pin(async move {
            let found = match self.relay_addresses(host) {
                Some(addresses) => Ok(addresses.to_vec()),
                None => match unbracketed(host) {
                    Some(address) => Ok(vec![address]),
                    None => TokioRuntime.resolve_host(host).await,
                },
            };
            self.resolved(host, &found);
            found
        })
    }

    fn now(&self) -> Instant {
        time::instant()
    }

    /// Where the driver comes to once it has written all there is, and waits. What the sockets hold leaves here.
    fn sleep(&self, duration: Duration) -> Boxed<'static, ()> {
        let mut slept = TokioRuntime.sleep(duration);
        let waiting = self.send_held();
        if waiting.is_empty() {
            return slept;
        }
        Box::pin(std::future::poll_fn(move |cx| {
            for socket in &waiting {
                // Pending: it wakes us.
                let _ = socket.send_held(cx);
            }
            slept.as_mut().poll(cx)
        }))
    }

    fn interval(&self, period: Duration) -> Box<dyn AsyncInterval> {
        TokioRuntime.interval(period)
    }

    fn block_on(&self, future: Pin<Box<dyn Future<Output = ()> + '_>>) {
        TokioRuntime.block_on(future);
    }

    fn yield_now(&self) -> Boxed<'static, ()> {
        TokioRuntime.yield_now()
    }

    fn name(&self) -> &'static str {
        "rendercast"
    }
}

/// The crate leaves out the brackets of a TURN server's IPv6 address.
fn unbracketed(host: &str) -> Option<SocketAddr> {
    let (ip, port) = host.rsplit_once(':')?;
    Some(SocketAddr::new(ip.parse::<std::net::Ipv6Addr>().ok()?.into(), port.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::net::Network;
    use webrtc::runtime::Transmit;

    #[test]
    fn an_address_without_its_brackets_is_read() {
        assert_eq!(unbracketed("2001:db8::1:3478"), Some("[2001:db8::1]:3478".parse().unwrap()));
        for other in ["example.org:3478", "192.0.2.1:3478", "[2001:db8::1]:3478", "::1"] {
            assert_eq!(unbracketed(other), None, "{other}");
        }
    }

    #[tokio::test]
    async fn a_frame_leaves_when_its_driver_waits_and_all_of_it_does() {
        let browser = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let network = Network::default().join(&[[127, 0, 0, 1].into()]).unwrap().network;
        let socket = network.wrap_udp_socket(std::net::UdpSocket::bind("127.0.0.1:0").unwrap()).unwrap();
        let send = async |contents: &[u8]| {
            let destination = browser.local_addr().unwrap();
            let transmit = Transmit { destination, ecn: None, contents, segment_size: None, src_ip: None };
            std::future::poll_fn(|cx| socket.poll_send(cx, &transmit)).await.unwrap();
        };
        let media: [&[u8]; 5] = [&[0x80, 1, 1], &[0x80, 2, 2], &[0x80, 3], &[0x80, 4, 4, 4], &[0x80, 5]];
        for datagram in media {
            send(datagram).await;
        }
        // A handshake does not wait for it.
        send(&[22, 0]).await;
        let _waiting = network.sleep(Duration::from_secs(60));
        let mut received = Vec::new();
        while received.len() < 6 {
            let mut buffer = [0; 10];
            let receiving = browser.recv(&mut buffer);
            let length = tokio::time::timeout(Duration::from_secs(10), receiving).await.expect("lost").unwrap();
            received.push(buffer[..length].to_vec());
        }
        received.retain(|datagram| datagram[0] != 22);
        assert_eq!(received, media);
    }
}
