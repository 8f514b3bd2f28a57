//! Reading the committed tables. Each is lines of text: `#` begins a comment, a line without indentation
//! begins a block, indented lines belong to it. The tables are part of the program, so a malformed line is
//! left out here and found by the tests, not by a user.

pub(crate) const RESOURCES: &str = include_str!("tables/resources.txt");
pub(crate) const TYPES: &str = include_str!("tables/types.txt");
pub(crate) const DEFAULTS: &str = include_str!("tables/defaults.txt");
pub(crate) const IMMUTABLE: &str = include_str!("tables/immutable.txt");
pub(crate) const RESTARTS: &str = include_str!("tables/restarts.txt");
pub(crate) const API_VERSIONS: &str = include_str!("tables/api-versions.txt");

/// The lines of a table without comments.
pub(crate) fn lines(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.starts_with('#') && !line.is_empty())
}

/// The blocks of a table: heading and indented lines.
pub(crate) fn blocks(table: &'static str) -> Vec<(&'static str, Vec<&'static str>)> {
    let mut blocks: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in lines(table) {
        match line.strip_prefix(' ') {
            Some(row) => {
                if let Some((_, rows)) = blocks.last_mut() {
                    rows.push(row);
                }
            }
            None => blocks.push((line, Vec::new())),
        }
    }
    blocks
}

/// `a,b` as a list; `-` is the empty list.
pub(crate) fn words(column: &'static str) -> Vec<&'static str> {
    if column == "-" { Vec::new() } else { column.split(',').collect() }
}
