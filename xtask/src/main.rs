//! The developer's commands.

mod regenerate;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        Some("regenerate") => regenerate::run(arguments.next().as_deref()),
        other => anyhow::bail!("unknown command {other:?}; there is: regenerate [DIRECTORY]"),
    }
}
