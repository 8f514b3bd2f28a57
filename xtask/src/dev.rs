//! `cargo xtask dev`: the window with hot reload.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::prerequisites::{Need, check};
use crate::{Flags, group, page, root};

/// Where the development server of the page listens.
const ADDRESS: &str = "127.0.0.1:5173";

/// Ends the server when the window is closed, whichever way this function is left.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(crate) fn run(flags: &Flags) -> anyhow::Result<()> {
    check(Need::Building, flags)?;
    // The window is compiled with the page it falls back on.
    page::build()?;
    let mut server = Server(
        group::spawn(
            Command::new("node")
                .args([
                    "node_modules/vite/bin/vite.js",
                    "--host",
                    "127.0.0.1",
                    "--port",
                    "5173",
                    "--strictPort",
                ])
                .current_dir(page::folder())
                .stdin(Stdio::null()),
        )
        .context("the development server cannot be started")?,
    );
    wait_for(&mut server)?;
    let mut window = group::spawn(
        Command::new("cargo")
            .args(["run", "--package", "slipway-desktop", "--no-default-features"])
            .env("TAURI_CONFIG", format!(r#"{{"build":{{"devUrl":"http://{ADDRESS}"}}}}"#))
            .current_dir(root()),
    )
    .context("cargo cannot be started")?;
    let status = window.wait()?;
    // Ended by a signal is how it is ended from a terminal.
    if !status.success() && status.code().is_some() {
        bail!("the window failed ({status})");
    }
    Ok(())
}

fn wait_for(server: &mut Server) -> anyhow::Result<()> {
    let deadline = Instant::now() + Duration::from_secs(30);
    while Instant::now() < deadline {
        if std::net::TcpStream::connect(ADDRESS).is_ok() {
            return Ok(());
        }
        if let Some(status) = server.0.try_wait()? {
            bail!("the development server ended ({status})");
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    bail!("the development server does not answer at {ADDRESS}")
}
