//! The demo shop's server, and the maker of its data.

use std::net::IpAddr;
use std::path::PathBuf;

use aisle_demo_site::prepare::prepare;
use aisle_demo_site::server::{Settings, read_shop, router};
use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use tokio::net::TcpListener;
use tokio::signal::ctrl_c;
use tokio::signal::unix::{SignalKind, signal};

/// Folder of the shop's data, below the working directory or one above it.
const DATA_DIR: &str = "demo-site/data";

/// The demo shop.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

#[derive(Args)]
struct Serve {
    /// Port; 0 takes any that is free.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    /// Folder of the shop's data [default: demo-site/data].
    #[arg(long)]
    data: Option<PathBuf>,
    /// Origin of the chat's server.
    #[arg(long, default_value = "http://localhost:8787")]
    chat: String,
    /// Name of the shop on the chat's server.
    #[arg(long, default_value = "demo")]
    shop: String,
}

#[derive(Subcommand)]
enum Command {
    /// Makes products.csv and sales.csv.gz out of a catalogue and its invoices.
    Prepare {
        /// Catalogue: a CSV with the columns StockCode, title, median_price_gbp.
        #[arg(long)]
        catalogue: PathBuf,
        /// Sales: a gzipped CSV, one row an invoice line.
        #[arg(long)]
        sales: PathBuf,
        /// Folder that the files are written into.
        #[arg(long)]
        out: PathBuf,
    },
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    match arguments.command {
        Some(Command::Prepare { catalogue, sales, out }) => {
            let summary = prepare(&catalogue, &sales, &out)?;
            println!("{summary:#?}");
            Ok(())
        }
        None => serve(arguments.serve).await,
    }
}

/// Serves the shop until it is told to end.
async fn serve(options: Serve) -> Result<()> {
    let data = match options.data {
        Some(data) => data,
        None => find_data()?,
    };
    let chat = options.chat.trim_end_matches('/').to_owned();
    let shop = read_shop(&data, Settings { chat, shop: options.shop })?;
    let listener = TcpListener::bind((options.host, options.port))
        .await
        .with_context(|| format!("listening on {}:{}", options.host, options.port))?;
    let mut terminate = signal(SignalKind::terminate())?;
    println!("listening on http://{}", listener.local_addr()?);
    let ended = async move {
        tokio::select! {
            _ = ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    };
    axum::serve(listener, router(shop)?).with_graceful_shutdown(ended).await?;
    Ok(())
}

/// The shop's data, from the working directory or one above it.
fn find_data() -> Result<PathBuf> {
    let here = std::env::current_dir()?;
    let found = here.ancestors().map(|dir| dir.join(DATA_DIR)).find(|dir| dir.is_dir());
    found.with_context(|| format!("no {DATA_DIR} here or above; name the folder with --data"))
}
