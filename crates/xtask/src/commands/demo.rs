//! `cargo xtask demo`

use std::env;
use std::ffi::OsString;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use base64::prelude::{BASE64_STANDARD, Engine};
use clap::Args;
use serde::Deserialize;
use serde_json::json;

use crate::project::Project;
use crate::server::{Outcome, Server, answers, free_address, wait};
use crate::{child, dist, process, tools};

/// The shop's name on the worker.
const SHOP: &str = "demo";

/// The host that the shop's documents name, and how they say its team is reached.
const SHOP_HOST: &str = "fernside.example";
const CONTACT: &str = "hello@fernside.example, or 020 7946 0123 from Monday to Friday";

/// How long the two servers may take to answer. They need less than a second; a machine that is
/// busy with something else needs more.
const START: Duration = Duration::from_secs(60);

/// What makes the worker ask a language model.
const MODEL_VARIABLES: [&str; 3] = ["AISLE_LLM_URL", "AISLE_LLM_MODEL", "AISLE_LLM_KEY"];

/// Runs a shop with the chat on this machine: a demo shop, and the worker that answers.
///
/// Builds what is not built, starts both servers and prints where they are. Without a language
/// model the worker answers from the shop's own documents and products. To have one of the OpenAI
/// protocol answer, set AISLE_LLM_URL, AISLE_LLM_MODEL and AISLE_LLM_KEY. Ctrl-C ends both.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cargo xtask demo
  cargo xtask demo --shop-port 8081 --port 8788
  cargo xtask demo --host 192.168.1.20       for a phone in the same network
  AISLE_LLM_URL=http://127.0.0.1:11434/v1 AISLE_LLM_MODEL=qwen3 AISLE_LLM_KEY=none \\
    cargo xtask demo")]
pub(super) struct Demo {
    /// Port of the shop; 0 for any that is free.
    #[arg(long, default_value_t = 8080)]
    shop_port: u16,
    /// Port of the worker; 0 for any that is free.
    #[arg(long, default_value_t = 8787)]
    port: u16,
    /// This machine's address that both listen on, as browsers name it.
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    host: IpAddr,
    /// Where the worker keeps conversations [default: demo-data in cargo's target folder].
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// Where the two servers are, and what they use.
struct Plan {
    shop: SocketAddr,
    worker: SocketAddr,
    data: PathBuf,
    answerer: Answerer,
}

/// Who answers open questions.
#[derive(Debug, PartialEq, Eq)]
enum Answerer {
    BuiltIn,
    Model { name: String, url: String },
}

impl Demo {
    pub(super) fn run(&self, project: &Project) -> Result<()> {
        // Building takes minutes: what can be refused is refused before.
        let plan = self.plan(project)?;
        dist::build(project)?;
        let mut cargo = project.cargo();
        cargo.args(["build", "--release", "--package=aisle-demo-site"]);
        child::run(project, "building the demo shop", &mut cargo)?;

        process::stop_by_asking();
        let name = shop_name(project)?;
        let logs = ["worker", "shop"].map(|name| project.logs().join(format!("demo-{name}.log")));
        let [worker_log, shop_log] = &logs;
        let mut worker =
            Server::start("worker", &mut plan.worker_command(project, &name)?, worker_log)?;
        let mut shop = Server::start("shop", &mut plan.shop_command(project), shop_log)?;
        let mut both = [&mut worker, &mut shop];
        let serves = || answers(plan.worker, "/healthz") && answers(plan.shop, "/");
        if wait(&mut both, Some(START), serves)? == Outcome::Done {
            println!("{}", plan.told(&name, &logs));
            wait(&mut both, None, || false)?;
        }
        eprintln!("\nending the demo");
        Ok(())
    }

    fn plan(&self, project: &Project) -> Result<Plan> {
        if self.host.is_unspecified() {
            bail!(
                "--host {} is every address of this machine; name the one that browsers use, \
                 such as 192.168.1.20",
                self.host
            );
        }
        if self.shop_port == self.port && self.port != 0 {
            bail!("the shop and the worker cannot share port {}", self.port);
        }
        let shop = free_address(SocketAddr::new(self.host, self.shop_port), "--shop-port")?;
        let worker = free_address(SocketAddr::new(self.host, self.port), "--port")?;
        let data = self.data.clone().unwrap_or_else(|| project.target.join("demo-data"));
        let data = std::path::absolute(&data).context("the folder of --data")?;
        fs::create_dir_all(&data).with_context(|| format!("--data {}", data.display()))?;
        let set = MODEL_VARIABLES.map(|name| env::var_os(name).filter(|value| !value.is_empty()));
        Ok(Plan { shop, worker, data, answerer: answerer(set)? })
    }
}

impl Plan {
    fn worker_command(&self, project: &Project, name: &str) -> Result<Command> {
        let dist = project.dist();
        let mut workerd = Command::new(tools::workerd(project)?);
        workerd
            .arg("serve")
            .arg(dist.join("worker/config.capnp"))
            .arg(format!("--socket-addr=http={}", self.worker))
            .arg(folder_option("site", &dist.join("site")))
            .arg(folder_option("artifacts", &dist.join("artifacts")))
            .arg(folder_option("do-disk", &self.data))
            .env("AISLE_SHOPS", self.shops(name))
            .env("AISLE_SESSION_SECRET", session_secret(&project.target)?);
        Ok(workerd)
    }

    fn shop_command(&self, project: &Project) -> Command {
        let mut shop = Command::new(project.program("release", "aisle-demo-shop"));
        shop.current_dir(&project.root)
            .args(["--host", &self.shop.ip().to_string()])
            .args(["--port", &self.shop.port().to_string()])
            .arg("--data")
            .arg(project.root.join("demo-site/data"))
            .args(["--chat", &origin(self.worker), "--shop", SHOP]);
        shop
    }

    /// The worker's list of shops: ours, with the origins that its pages may have.
    fn shops(&self, name: &str) -> String {
        let mut origins = vec![origin(self.shop)];
        if self.shop.ip().is_loopback() {
            origins.push(format!("http://localhost:{}", self.shop.port()));
        }
        json!({ SHOP: {
            "name": name,
            "origins": origins,
            "link_hosts": [SHOP_HOST],
            "contact": CONTACT,
        } })
        .to_string()
    }

    /// What the user is told when both servers answer.
    fn told(&self, name: &str, logs: &[PathBuf; 2]) -> String {
        let answers = match &self.answerer {
            Answerer::BuiltIn => format!(
                "built in, from the shop's documents and products\n              \
                 (a language model answers with {} set)",
                MODEL_VARIABLES.join(", ")
            ),
            Answerer::Model { name, url } => format!("{name} at {url}"),
        };
        let [worker_log, shop_log] = logs.each_ref().map(|log| log.display());
        format!(
            "\n  {name} is open\n\n    \
             Shop      {}\n    \
             Worker    {}\n    \
             Answers   {answers}\n    \
             Data      {}\n    \
             Logs      {worker_log}\n              {shop_log}\n\n  \
             Ctrl-C ends both.\n",
            origin(self.shop),
            origin(self.worker),
            self.data.display(),
        )
    }
}

fn origin(address: SocketAddr) -> String {
    format!("http://{address}")
}

fn folder_option(name: &str, folder: &Path) -> OsString {
    let mut option = OsString::from(format!("--directory-path={name}="));
    option.push(folder);
    option
}

/// Who answers, given the values of [`MODEL_VARIABLES`].
fn answerer(set: [Option<OsString>; 3]) -> Result<Answerer> {
    match set {
        [None, None, None] => Ok(Answerer::BuiltIn),
        [Some(url), Some(name), Some(_)] => Ok(Answerer::Model {
            name: name.to_string_lossy().into_owned(),
            url: url.to_string_lossy().into_owned(),
        }),
        set => {
            let missing = MODEL_VARIABLES.iter().zip(&set).filter(|(_, value)| value.is_none());
            let missing: Vec<_> = missing.map(|(name, _)| *name).collect();
            bail!("a language model needs {} set, too", missing.join(" and "))
        }
    }
}

/// The secret that the worker signs visitors' sessions with, made once, so that conversations go
/// on when the demo is started again.
fn session_secret(folder: &Path) -> Result<String> {
    let path = folder.join("demo-session-secret");
    if let Ok(secret) = fs::read_to_string(&path) {
        return Ok(secret);
    }
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| anyhow!("no random bytes: {error}"))?;
    let secret = BASE64_STANDARD.encode(bytes);
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    fs::write(&path, &secret).with_context(|| path.display().to_string())?;
    Ok(secret)
}

fn shop_name(project: &Project) -> Result<String> {
    #[derive(Deserialize)]
    struct Profile {
        name: String,
    }
    let path = project.root.join("demo-site/data/shop.toml");
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let profile: Profile = toml::from_str(&text).with_context(|| path.display().to_string())?;
    Ok(profile.name)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use serde_json::Value;

    use super::*;

    fn project(folder: &Path) -> Project {
        Project { root: folder.join("root"), target: folder.join("target") }
    }

    fn demo() -> Demo {
        let host = IpAddr::V4(Ipv4Addr::LOCALHOST);
        Demo { shop_port: 0, port: 0, host, data: None }
    }

    fn plan(shop: &str) -> Plan {
        let worker = "127.0.0.1:8787".parse().unwrap();
        let answerer = Answerer::BuiltIn;
        Plan { shop: shop.parse().unwrap(), worker, data: "kept here".into(), answerer }
    }

    fn origins(shop: &str) -> Value {
        let shops: Value = serde_json::from_str(&plan(shop).shops("A & B")).unwrap();
        assert_eq!(shops["demo"]["name"], "A & B");
        shops["demo"]["origins"].clone()
    }

    #[test]
    fn the_worker_lets_in_the_pages_of_the_chosen_port() {
        let both = json!(["http://127.0.0.1:9001", "http://localhost:9001"]);
        assert_eq!(origins("127.0.0.1:9001"), both);
        assert_eq!(origins("192.168.1.20:8080"), json!(["http://192.168.1.20:8080"]));
    }

    #[test]
    fn the_shop_loads_the_chat_from_the_worker() {
        let folder = tempfile::tempdir().unwrap();
        let command = plan("127.0.0.1:9001").shop_command(&project(folder.path()));
        let arguments: Vec<_> = command.get_args().map(|a| a.to_string_lossy()).collect();
        for pair in [["--port", "9001"], ["--chat", "http://127.0.0.1:8787"], ["--shop", "demo"]] {
            assert!(arguments.windows(2).any(|window| window == pair), "{pair:?} {arguments:?}");
        }
    }

    #[test]
    fn the_worker_gets_its_folders() {
        let folder = tempfile::tempdir().unwrap();
        let command =
            plan("127.0.0.1:9001").worker_command(&project(folder.path()), "A shop").unwrap();
        let arguments: Vec<_> = command.get_args().map(|a| a.to_string_lossy()).collect();
        assert!(arguments.contains(&"--socket-addr=http=127.0.0.1:8787".into()), "{arguments:?}");
        assert!(arguments.contains(&"--directory-path=do-disk=kept here".into()), "{arguments:?}");
    }

    #[test]
    fn a_taken_port_is_refused_before_anything_is_built() {
        let folder = tempfile::tempdir().unwrap();
        let holder = TcpListener::bind("127.0.0.1:0").unwrap();
        let taken = Demo { port: holder.local_addr().unwrap().port(), ..demo() };
        let error = taken.run(&project(folder.path())).unwrap_err().to_string();
        assert!(error.contains("--port"), "{error}");
    }

    #[test]
    fn the_two_cannot_share_a_port() {
        let folder = tempfile::tempdir().unwrap();
        let shared = Demo { shop_port: 8080, port: 8080, ..demo() };
        let error = shared.plan(&project(folder.path())).err().unwrap().to_string();
        assert!(error.contains("share"), "{error}");
    }

    #[test]
    fn browsers_need_an_address_that_can_be_named() {
        let folder = tempfile::tempdir().unwrap();
        let every = Demo { host: IpAddr::V4(Ipv4Addr::UNSPECIFIED), ..demo() };
        let error = every.plan(&project(folder.path())).err().unwrap().to_string();
        assert!(error.contains("0.0.0.0"), "{error}");
    }

    #[test]
    fn conversations_are_kept_under_the_target_folder_unless_told() {
        let folder = tempfile::tempdir().unwrap();
        let project = project(folder.path());
        assert_eq!(demo().plan(&project).unwrap().data, project.target.join("demo-data"));
        let data = folder.path().join("mine");
        let told = Demo { data: Some(data.clone()), ..demo() };
        assert_eq!(told.plan(&project).unwrap().data, data);
        assert!(data.is_dir());
    }

    #[test]
    fn the_secret_of_sessions_is_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let first = session_secret(folder.path()).unwrap();
        assert!(first.len() >= 32);
        assert_eq!(session_secret(folder.path()).unwrap(), first);
        let other = tempfile::tempdir().unwrap();
        assert_ne!(session_secret(other.path()).unwrap(), first);
    }

    #[test]
    fn a_model_answers_when_all_of_it_is_set() {
        let set = |values: [&str; 3]| {
            answerer(values.map(|value| Some(OsString::from(value)).filter(|v| !v.is_empty())))
        };
        assert_eq!(set(["", "", ""]).unwrap(), Answerer::BuiltIn);
        let model = Answerer::Model { name: "m".into(), url: "http://u".into() };
        assert_eq!(set(["http://u", "m", "k"]).unwrap(), model);
        let error = set(["http://u", "", ""]).unwrap_err().to_string();
        assert!(error.contains("AISLE_LLM_MODEL and AISLE_LLM_KEY"), "{error}");
    }

    #[test]
    fn the_last_words_say_where_everything_is() {
        let told = plan("127.0.0.1:9001").told("A shop", &["w.log".into(), "s.log".into()]);
        for part in
            ["A shop", "http://127.0.0.1:9001\n", "http://127.0.0.1:8787\n", "built in", "s.log"]
        {
            assert!(told.contains(part), "{part}: {told}");
        }
    }
}
