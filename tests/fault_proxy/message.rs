//! An HTTP/1.1 message as bytes: as much of the format as finding its end needs.

use std::io;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::TcpStream;

pub(super) struct Message {
    head: String,
    bytes: Vec<u8>,
}

impl Message {
    /// `None` where the connection ends instead.
    pub(super) async fn read_head(connection: &mut BufReader<TcpStream>) -> io::Result<Option<Self>> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if connection.read_line(&mut head).await? == 0 {
                return Ok(None);
            }
        }
        let bytes = head.clone().into_bytes();
        Ok(Some(Self { head, bytes }))
    }

    pub(super) async fn read_body(mut self, connection: &mut BufReader<TcpStream>) -> io::Result<Self> {
        match self.content_length() {
            Some(length) => self.take(length, connection).await?,
            None => self.take_chunks(connection).await?,
        }
        Ok(self)
    }

    /// Its first bytes. What lies behind them is left where it is.
    pub(super) async fn read_until(
        mut self,
        connection: &mut BufReader<TcpStream>,
        end: usize,
    ) -> io::Result<Vec<u8>> {
        self.take(end.saturating_sub(self.bytes.len()), connection).await?;
        self.bytes.truncate(end);
        Ok(self.bytes)
    }

    /// The target of a request.
    pub(super) fn target(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn head_length(&self) -> usize {
        self.head.len()
    }

    /// Of head and body, as a request has it.
    pub(super) fn announced_length(&self) -> usize {
        self.head.len() + self.content_length().unwrap_or(0)
    }

    fn content_length(&self) -> Option<usize> {
        let is_it = |name: &str| name.eq_ignore_ascii_case("content-length");
        let mut headers = self.head.lines().filter_map(|line| line.split_once(':'));
        headers.find(|(name, _)| is_it(name)).and_then(|(_, value)| value.trim().parse().ok())
    }

    async fn take(&mut self, length: usize, connection: &mut BufReader<TcpStream>) -> io::Result<()> {
        let start = self.bytes.len();
        self.bytes.resize(start + length, 0);
        connection.read_exact(&mut self.bytes[start..]).await.map(drop)
    }

    /// Each chunk is a line with its length, the bytes, and an empty line; the last has no bytes.
    async fn take_chunks(&mut self, connection: &mut BufReader<TcpStream>) -> io::Result<()> {
        loop {
            let mut line = String::new();
            connection.read_line(&mut line).await?;
            self.bytes.extend_from_slice(line.as_bytes());
            let length = usize::from_str_radix(line.trim_end(), 16).map_err(io::Error::other)?;
            self.take(length + "\r\n".len(), connection).await?;
            if length == 0 {
                return Ok(());
            }
        }
    }
}
