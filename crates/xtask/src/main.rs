//! Every developer command of Aisle. `cargo xtask help` lists them.

mod child;
mod dist;
mod progress;
mod project;
mod setup;
mod tools;

fn main() -> anyhow::Result<()> {
    dist::build(&project::Project::find()?)
}
