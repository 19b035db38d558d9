//! A connection that sends exactly the given bytes.

use std::io;
use std::time::Duration;

use panel_sandbox::nextpanel_panel::Panel;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

pub(crate) struct RawConnection(TcpStream);

impl RawConnection {
    pub(crate) async fn to(panel: &Panel) -> Self {
        let address = panel.url().strip_prefix("http://").unwrap();
        Self(TcpStream::connect(address).await.unwrap())
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Reads until the text was seen, at most for a few seconds.
    pub(crate) async fn read_until(&mut self, text: &str) -> String {
        let mut seen = Vec::new();
        let reading = async {
            while !String::from_utf8_lossy(&seen).contains(text) {
                let count = self.0.read_buf(&mut seen).await.unwrap();
                assert_ne!(count, 0, "ended after {:?}", String::from_utf8_lossy(&seen));
            }
        };
        timeout(Duration::from_secs(5), reading).await.unwrap();
        String::from_utf8(seen).unwrap()
    }

    /// Reads to the end, which is an error if the connection was reset.
    pub(crate) async fn read_to_end(&mut self) -> io::Result<String> {
        let mut seen = String::new();
        timeout(Duration::from_secs(5), self.0.read_to_string(&mut seen))
            .await
            .unwrap()?;
        Ok(seen)
    }
}
