//! A proxy on a loopback port that does to each exchange what a script says: what networks, gateways and load balancers do
//! to connections.
//!
//! It reads requests and replies whole, so that a fault can be put at any byte of them, and keeps connections open between
//! exchanges as a client may, unless the fault is that they end.

mod fault;
mod message;
mod random;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

pub(crate) use self::fault::{Fault, Kind, Part};
use self::message::Message;
pub(crate) use self::random::Random;

/// What is to be done to the exchange whose request line has this target.
type Script = dyn Fn(&str) -> Fault + Send + Sync;

/// Dropping it closes its port and its connections.
pub(crate) struct FaultProxy {
    address: SocketAddr,
    /// Each connection holds one more.
    connections: Arc<()>,
    task: JoinHandle<()>,
}

impl FaultProxy {
    pub(crate) async fn start(
        server: SocketAddr,
        script: impl Fn(&str) -> Fault + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let connections = Arc::new(());
        let task = tokio::spawn(accept(listener, server, Arc::new(script), Arc::downgrade(&connections)));
        Ok(Self { address, connections, task })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many connections to clients are open.
    pub(crate) fn open_connections(&self) -> usize {
        Arc::strong_count(&self.connections) - 1
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(
    listener: TcpListener,
    server: SocketAddr,
    script: Arc<Script>,
    connections: std::sync::Weak<()>,
) {
    let mut tasks = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        let (script, counted) = (Arc::clone(&script), connections.upgrade());
        tasks.spawn(async move {
            let _broken = Exchanges::between(client, server, &*script).await;
            drop(counted);
        });
        while tasks.try_join_next().is_some() {}
    }
}

/// The exchanges on one connection, one after the other.
struct Exchanges {
    client: BufReader<TcpStream>,
    server: BufReader<TcpStream>,
}

enum Next {
    Exchange,
    Close,
}

impl Exchanges {
    async fn between(client: TcpStream, server: SocketAddr, script: &Script) -> io::Result<()> {
        let server = TcpStream::connect(server).await?;
        for connection in [&client, &server] {
            connection.set_nodelay(true)?;
        }
        let mut exchanges = Self { client: BufReader::new(client), server: BufReader::new(server) };
        while let Some(request) = Message::read_head(&mut exchanges.client).await? {
            let fault = script(request.target());
            let next = match fault.kind {
                Kind::CutRequest | Kind::ResetRequest => exchanges.break_request(request, fault).await?,
                _ => exchanges.exchange(request, fault).await?,
            };
            if let Next::Close = next {
                break;
            }
        }
        Ok(())
    }

    async fn break_request(&mut self, request: Message, fault: Fault) -> io::Result<Next> {
        let offset = fault.offset(request.head_length(), request.announced_length());
        let passed_on = request.read_until(&mut self.client, offset).await?;
        self.server.write_all(&passed_on).await?;
        match fault.kind {
            Kind::ResetRequest => self.client.get_ref().set_zero_linger()?,
            _ => {
                self.client.shutdown().await?;
                self.until_the_client_goes().await;
            }
        }
        Ok(Next::Close)
    }

    async fn exchange(&mut self, request: Message, fault: Fault) -> io::Result<Next> {
        let request = request.read_body(&mut self.client).await?;
        self.server.write_all(request.bytes()).await?;
        let reply = Message::read_head(&mut self.server).await?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let reply = reply.read_body(&mut self.server).await?;
        self.play(reply, fault).await
    }

    async fn play(&mut self, reply: Message, fault: Fault) -> io::Result<Next> {
        let offset = fault.offset(reply.head_length(), reply.bytes().len());
        let (before, after) = reply.bytes().split_at(offset);
        self.client.write_all(before).await?;
        match fault.kind {
            Kind::Slow => self.dribble(after, fault.span()).await?,
            Kind::Corrupt => {
                let mut changed = after.to_vec();
                changed[0] ^= fault.bit();
                self.client.write_all(&changed).await?;
            }
            Kind::Duplicate => {
                let twice = &after[..after.len().min(fault.span())];
                self.client.write_all(&[twice, after].concat()).await?;
            }
            Kind::Cut => {
                self.client.shutdown().await?;
                self.until_the_client_goes().await;
                return Ok(Next::Close);
            }
            Kind::Stall => {
                self.until_the_client_goes().await;
                return Ok(Next::Close);
            }
            Kind::Reset => {
                self.client.get_ref().set_zero_linger()?;
                return Ok(Next::Close);
            }
            Kind::None | Kind::CutRequest | Kind::ResetRequest => self.client.write_all(after).await?,
        }
        Ok(Next::Exchange)
    }

    /// A few pieces, then the rest: a busy machine makes a tenth of a second of each millisecond.
    async fn dribble(&mut self, bytes: &[u8], length: usize) -> io::Result<()> {
        let (dribbled, rest) = bytes.split_at(bytes.len().min(16 * length));
        for piece in dribbled.chunks(length) {
            self.client.write_all(piece).await?;
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        self.client.write_all(rest).await
    }

    async fn until_the_client_goes(&mut self) {
        let mut unread = [0; 4096];
        while self.client.read(&mut unread).await.is_ok_and(|length| length > 0) {}
    }
}
