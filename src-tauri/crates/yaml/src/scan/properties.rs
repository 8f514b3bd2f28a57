//! Directives, anchors, aliases and tags.

use super::{Scan, Scanner, TokenKind};

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

fn is_uri(byte: u8) -> bool {
    is_word(byte) || b";/?:@&=+$,.!~*'()[]%".contains(&byte)
}

impl<'a> Scanner<'a> {
    pub(super) fn scan_directive(&mut self) -> Scan<()> {
        let start = self.mark;
        self.mark.offset += 1;
        let name_start = self.mark;
        self.skip_word();
        let kind = match self.slice(name_start, self.mark) {
            "YAML" => {
                self.skip_blanks();
                let major = self.scan_version_number()?;
                if self.byte(0) != b'.' {
                    return self.error("expected a version as in `%YAML 1.1`");
                }
                self.mark.offset += 1;
                TokenKind::VersionDirective { major, minor: self.scan_version_number()? }
            }
            "TAG" => {
                self.skip_blanks();
                let handle = self.scan_tag_handle(true)?;
                if !self.is_blank(0) {
                    return self.error("expected white space after the handle of a %TAG directive");
                }
                self.skip_blanks();
                let prefix = self.scan_uri("", false)?;
                if !self.is_blank_or_end(0) {
                    return self.error("expected white space after the prefix of a %TAG directive");
                }
                TokenKind::TagDirective { handle, prefix }
            }
            "" => {
                return self
                    .error("expected the name of a directive after `%`; quote the text if it is a value");
            }
            name => {
                let message = format!("`%{name}` is no directive of YAML; quote the text if it is a value");
                return Err(self.error_at(start, message));
            }
        };
        self.push(kind, start);
        self.skip_blanks();
        if self.byte(0) == b'#' {
            self.skip_comment();
        }
        if !self.is_break_or_end(0) {
            return self.error("expected a comment or the end of the line after a directive");
        }
        if !self.at_end() {
            self.skip_break();
        }
        Ok(())
    }

    fn scan_version_number(&mut self) -> Scan<u32> {
        let start = self.mark;
        while self.byte(0).is_ascii_digit() {
            self.mark.offset += 1;
        }
        match self.slice(start, self.mark) {
            digits if (1..=2).contains(&digits.len()) => Ok(digits.parse().unwrap_or(0)),
            _ => Err(self.error_at(start, "expected a version as in `%YAML 1.1`")),
        }
    }

    fn skip_word(&mut self) {
        while is_word(self.byte(0)) {
            self.mark.offset += 1;
        }
    }

    fn skip_blanks(&mut self) {
        while self.is_blank(0) {
            self.mark.offset += 1;
        }
    }

    pub(super) fn scan_anchor(&mut self, alias: bool) -> Scan<()> {
        let start = self.mark;
        self.mark.offset += 1;
        let name_start = self.mark;
        self.skip_word();
        let name = self.slice(name_start, self.mark);
        let ends = self.is_blank_or_end(0) || b"?:,]}%@`".contains(&self.byte(0));
        if name.is_empty() || !ends {
            let what = if alias { "an alias `*name`" } else { "an anchor `&name`" };
            return self.error(format!(
                "expected the name of {what} of letters, digits, `-` and `_`; quote the text if it is a value"
            ));
        }
        self.push(if alias { TokenKind::Alias(name) } else { TokenKind::Anchor(name) }, start);
        Ok(())
    }

    pub(super) fn scan_tag(&mut self) -> Scan<()> {
        let start = self.mark;
        let (handle, suffix) = if self.byte(1) == b'<' {
            self.mark.offset += 2;
            let suffix = self.scan_uri("", false)?;
            if self.byte(0) != b'>' {
                return self.error("expected `>` at the end of a tag `!<…>`");
            }
            self.mark.offset += 1;
            ("", suffix)
        } else {
            let handle = self.scan_tag_handle(false)?;
            if handle.len() > 1 && handle.ends_with('!') {
                (handle, self.scan_uri("", false)?)
            } else {
                // What looked like a handle is the begin of the tag itself.
                match self.scan_uri(&handle[1..], true)? {
                    suffix if suffix.is_empty() => ("", "!".to_owned()),
                    suffix => ("!", suffix),
                }
            }
        };
        if !self.is_blank_or_end(0) {
            return self.error("expected white space after a tag; quote the text if it is a value");
        }
        self.push(TokenKind::Tag { handle, suffix }, start);
        Ok(())
    }

    /// `!`, `!!` or `!word!`; in a tag also `!word`, which is no handle.
    fn scan_tag_handle(&mut self, directive: bool) -> Scan<&'a str> {
        let start = self.mark;
        if self.byte(0) != b'!' {
            return self.error("expected `!`");
        }
        self.mark.offset += 1;
        self.skip_word();
        if self.byte(0) == b'!' {
            self.mark.offset += 1;
        } else if directive && self.mark.offset - start.offset > 1 {
            return self.error("expected `!` at the end of the handle of a %TAG directive");
        }
        Ok(self.slice(start, self.mark))
    }

    fn scan_uri(&mut self, head: &str, may_be_empty: bool) -> Scan<String> {
        let start = self.mark;
        let mut bytes = head.as_bytes().to_vec();
        while is_uri(self.byte(0)) {
            let byte = self.byte(0);
            if byte == b'%' {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                let (Some(high), Some(low)) = (digit(self.byte(1)), digit(self.byte(2))) else {
                    return self.error("expected two hexadecimal digits after `%` in a tag");
                };
                bytes.push((high * 16 + low) as u8);
                self.mark.offset += 3;
            } else {
                bytes.push(byte);
                self.mark.offset += 1;
            }
        }
        if bytes.is_empty() && !may_be_empty {
            return self.error("expected the name of a tag");
        }
        String::from_utf8(bytes).map_err(|_| self.error_at(start, "the escapes of this tag are no UTF-8"))
    }
}
