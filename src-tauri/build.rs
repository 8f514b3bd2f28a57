//! Takes the page, the icons and the capabilities into the window.

fn main() {
    tauri_build::build();
}
