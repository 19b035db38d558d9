//! A server that nobody may talk to.

use std::io::ErrorKind;
use std::net::TcpListener;

/// Listens on loopback and never answers.
pub(crate) struct SilentServer(TcpListener);

impl SilentServer {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.0.local_addr().unwrap())
    }

    /// Asserts that no connection was ever made to it. Ask once the program has ended: what it began is then in the
    /// listener's queue.
    #[track_caller]
    pub(crate) fn was_left_alone(&self) {
        match self.0.accept() {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            other => panic!("somebody connected: {other:?}"),
        }
    }
}

#[test]
#[should_panic(expected = "somebody connected")]
fn a_connection_is_noticed() {
    let server = SilentServer::start();
    let address = server.0.local_addr().unwrap();
    drop(std::net::TcpStream::connect(address).unwrap());
    server.was_left_alone();
}
