//! Chart archives: gzip around tar, read in memory within Helm's limits.
//!
//! The limits and the refusals are those of `helm.sh/helm/v3/pkg/chart/loader`.

use std::io::Read as _;

use bytes::Bytes;

use super::File;

/// How many bytes a chart may have, unpacked.
const CHART_LIMIT: u64 = 100 << 20;
/// How many bytes a file of a chart may have.
pub(crate) const FILE_LIMIT: u64 = 5 << 20;
/// How many entries an archive may have; Helm knows no bound.
const ENTRY_LIMIT: usize = 100_000;
const BLOCK: usize = 512;

/// The files of a chart archive (`.tgz`), named below the one directory that holds them: content in order of the archive.
/// Links and devices are empty files; a byte-order mark is left out.
///
/// # Errors
/// Helm's words, where it is no archive, goes beyond Helm's limits, or has names that lead out of the chart.
pub fn read_archive(packed: &[u8]) -> Result<Vec<(String, Bytes)>, String> {
    Ok(unpack(packed)?.into_iter().map(|file| (file.name, file.data)).collect())
}

/// The files of a chart archive, named below the one directory that holds them.
pub(crate) fn unpack(packed: &[u8]) -> Result<Vec<File>, String> {
    if packed.is_empty() {
        return Err("EOF".to_owned());
    }
    if !packed.starts_with(&[0x1F, 0x8B]) {
        return Err("gzip: invalid header".to_owned());
    }
    let mut unpacked = Vec::new();
    flate2::read::MultiGzDecoder::new(packed)
        .take(CHART_LIMIT + (16 << 20))
        .read_to_end(&mut unpacked)
        .map_err(|error| format!("gzip: {error}"))?;
    if unpacked.len() as u64 > CHART_LIMIT + (8 << 20) {
        return Err(too_large());
    }
    let unpacked = Bytes::from(unpacked);
    let mut files = Vec::new();
    let mut remaining = CHART_LIMIT;
    for entry in entries(&unpacked)? {
        if entry.is_directory {
            continue;
        }
        let name = inner_name(&entry.name)?;
        let size = entry.content.len() as u64;
        if size > remaining {
            return Err(too_large());
        }
        if size > FILE_LIMIT {
            return Err(format!(
                "decompressed chart file {:?} is larger than the maximum file size {FILE_LIMIT}",
                entry.name
            ));
        }
        remaining -= size;
        files.push(File::new(name, entry.content));
    }
    if files.is_empty() {
        return Err("no files in chart archive".to_owned());
    }
    Ok(files)
}

fn too_large() -> String {
    format!("decompressed chart is larger than the maximum file size {CHART_LIMIT}")
}

/// The name of an entry below the chart's own directory.
fn inner_name(full: &str) -> Result<String, String> {
    let delimiter = if full.contains('\\') { '\\' } else { '/' };
    let (first, rest) = full.split_once(delimiter).unwrap_or((full, ""));
    let rest = rest.replace(delimiter, "/");
    if rest.starts_with('/') {
        return Err("chart illegally contains absolute paths".to_owned());
    }
    let mut segments: Vec<&str> = Vec::new();
    for segment in rest.split('/') {
        match segment {
            "" | "." => {}
            ".." if segments.last().is_some_and(|last| *last != "..") => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    let name = segments.join("/");
    if name.is_empty() {
        return Err(format!("chart illegally contains content outside the base directory: {full:?}"));
    }
    if name.starts_with("..") {
        return Err("chart illegally references parent directory".to_owned());
    }
    let bytes = name.as_bytes();
    if bytes.len() > 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':' && bytes[2] == b'/' {
        return Err("chart contains illegally named files".to_owned());
    }
    if first == "Chart.yaml" {
        return Err("chart yaml not in base directory".to_owned());
    }
    Ok(name)
}

struct Entry {
    name: String,
    is_directory: bool,
    content: Bytes,
}

/// Reads tar: ustar, and the extensions of GNU and PAX for long names and sizes.
fn entries(archive: &Bytes) -> Result<Vec<Entry>, String> {
    let mut entries = Vec::new();
    let mut offset = 0;
    let mut long_name: Option<String> = None;
    let mut long_size: Option<u64> = None;
    loop {
        let Some(header) = archive.get(offset..offset + BLOCK) else {
            return if offset >= archive.len() { Ok(entries) } else { Err("unexpected EOF".to_owned()) };
        };
        offset += BLOCK;
        if header.iter().all(|byte| *byte == 0) {
            return Ok(entries);
        }
        if !checksum_holds(header) {
            return Err("archive/tar: invalid tar header".to_owned());
        }
        let kind = header[156];
        let declared = number(&header[124..136]).ok_or("archive/tar: invalid tar header")?;
        let size = match kind {
            b'x' | b'g' | b'L' | b'K' => declared,
            _ => long_size.take().unwrap_or(declared),
        };
        // Links and devices have no content.
        let stored = if matches!(kind, b'1'..=b'6') { 0 } else { size };
        let end = usize::try_from(stored).ok().and_then(|stored| offset.checked_add(stored));
        let Some(end) = end.filter(|end| *end <= archive.len()) else {
            return Err("unexpected EOF".to_owned());
        };
        let content = archive.slice(offset..end);
        offset = end + (BLOCK - (end - offset) % BLOCK) % BLOCK;
        match kind {
            b'L' => long_name = Some(text(&content)),
            b'K' | b'g' => {}
            b'x' => {
                for (key, value) in pax(&content) {
                    match key {
                        "path" => long_name = Some(value.to_owned()),
                        "size" => long_size = value.parse().ok(),
                        _ => {}
                    }
                }
            }
            _ => {
                let name = long_name.take().unwrap_or_else(|| short_name(header));
                let is_directory = kind == b'5' || name.ends_with('/');
                entries.push(Entry { name, is_directory, content });
                if entries.len() > ENTRY_LIMIT {
                    return Err(format!("the archive has more than {ENTRY_LIMIT} entries"));
                }
            }
        }
    }
}

fn short_name(header: &[u8]) -> String {
    let name = text(&header[..100]);
    let prefix = if &header[257..263] == b"ustar\0" { text(&header[345..500]) } else { String::new() };
    if prefix.is_empty() { name } else { format!("{prefix}/{name}") }
}

fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

/// A number in octal, or in GNU's binary form.
fn number(field: &[u8]) -> Option<u64> {
    if field[0] & 0x80 != 0 {
        let mut value = u64::from(field[0] & 0x7F);
        for byte in &field[1..] {
            value = value.checked_mul(256)?.checked_add(u64::from(*byte))?;
        }
        return Some(value);
    }
    let digits = text(field);
    let digits = digits.trim();
    if digits.is_empty() { Some(0) } else { u64::from_str_radix(digits, 8).ok() }
}

fn checksum_holds(header: &[u8]) -> bool {
    let sum: u64 = header
        .iter()
        .enumerate()
        .map(|(index, byte)| if (148..156).contains(&index) { 32 } else { u64::from(*byte) })
        .sum();
    number(&header[148..156]) == Some(sum)
}

/// The records `LENGTH KEY=VALUE\n` of a PAX header.
fn pax(content: &[u8]) -> Vec<(&str, &str)> {
    let mut records = Vec::new();
    let mut rest = content;
    while let Some(space) = rest.iter().position(|byte| *byte == b' ') {
        let length = std::str::from_utf8(&rest[..space]).ok().and_then(|length| length.parse::<usize>().ok());
        let Some(length) = length.filter(|length| *length > space + 1 && *length <= rest.len()) else {
            break;
        };
        if let Ok(record) = std::str::from_utf8(&rest[space + 1..length - 1])
            && let Some(pair) = record.split_once('=')
        {
            records.push(pair);
        }
        rest = &rest[length..];
    }
    records
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::io::Write as _;

    /// Packs files as `helm package` does.
    pub(crate) fn pack(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut tar = Vec::new();
        for (name, content) in files {
            let mut header = [0_u8; BLOCK];
            header[..name.len()].copy_from_slice(name.as_bytes());
            header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
            header[148..156].copy_from_slice(b"        ");
            header[156] = b'0';
            header[257..263].copy_from_slice(b"ustar\0");
            let sum: u64 = header.iter().map(|byte| u64::from(*byte)).sum();
            header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
            tar.extend_from_slice(&header);
            tar.extend_from_slice(content);
            tar.resize(tar.len().next_multiple_of(BLOCK), 0);
        }
        tar.resize(tar.len() + 2 * BLOCK, 0);
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&tar).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn files_are_named_below_their_directory() {
        let packed = pack(&[("web/Chart.yaml", b"name: web\n"), ("web/templates/a.yaml", b"a: 1\n")]);
        let files = unpack(&packed).unwrap();
        let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["Chart.yaml", "templates/a.yaml"]);
        assert_eq!(&files[1].data[..], b"a: 1\n");
    }

    #[test]
    fn hostile_archives_are_refused() {
        for (name, expected) in [
            ("web/../../etc/passwd", "chart illegally references parent directory"),
            ("web//etc/passwd", "chart illegally contains absolute paths"),
            ("Chart.yaml", "chart illegally contains content outside the base directory: \"Chart.yaml\""),
            ("web\\c:\\x", "chart contains illegally named files"),
            ("Chart.yaml/x", "chart yaml not in base directory"),
        ] {
            assert_eq!(unpack(&pack(&[(name, b"x")])).unwrap_err(), expected, "{name}");
        }
        assert_eq!(unpack(b"no archive").unwrap_err(), "gzip: invalid header");
        assert_eq!(unpack(&pack(&[])).unwrap_err(), "no files in chart archive");
        let packed = pack(&[("web/Chart.yaml", b"name: web\n")]);
        assert!(unpack(&packed[..packed.len() / 2]).is_err());
    }
}
