//! `snakecase`, `kebabcase` and `camelcase`, as huandu/xstrings v1.5 splits and joins words.

use super::regexp::class::{is_number, is_punctuation, is_upper};
use super::words::{first_character, is_space, to_lower, to_upper};
use crate::go;

fn is_connector(character: char) -> bool {
    character == '-' || character == '_' || is_space(character)
}

/// A letter that is no CJK ideograph.
fn is_alphabet(character: char) -> bool {
    go::is_letter(character.into())
        && !matches!(character, '\u{3400}'..='\u{4d85}' | '\u{4e00}'..='\u{9fcc}' | '\u{20000}'..='\u{2b81d}')
}

fn push(output: &mut Vec<u8>, character: char) {
    output.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}

/// `http_server` and `HTTP server` become `HttpServer`; connectors at the start stay.
pub(crate) fn pascal_case(text: &[u8]) -> Vec<u8> {
    let mut output = Vec::with_capacity(text.len());
    let mut rest = text;
    let mut take = || -> Option<char> {
        let (character, width) = first_character(rest)?;
        rest = &rest[width..];
        Some(character)
    };
    let mut upper_word = false;
    let mut current = None;
    while let Some(character) = take() {
        if is_connector(character) {
            current = Some((character, true));
            push(&mut output, character);
            continue;
        }
        upper_word = is_upper(character);
        current = Some((to_upper(character), false));
        break;
    }
    let Some((mut current, leading)) = current else { return output };
    if leading {
        // Nothing but connectors: the last one is written once more.
        push(&mut output, current);
        return output;
    }
    while let Some(next) = take() {
        let previous = current;
        current = next;
        if is_connector(current) && is_connector(previous) {
            push(&mut output, previous);
            continue;
        }
        if is_connector(previous) {
            upper_word = is_upper(current);
            current = to_upper(current);
        } else {
            if upper_word {
                if is_upper(current) {
                    current = to_lower(current);
                } else {
                    upper_word = false;
                }
            }
            push(&mut output, previous);
        }
    }
    push(&mut output, current);
    output
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Invalid,
    Number,
    UpperCase,
    Alphabet,
    Connector,
    Punctuation,
    Other,
}

/// `FirstName` and `first name` become `first_name`, with the connector given.
pub(crate) fn lower_case_joined(text: &[u8], connector: char) -> Vec<u8> {
    if text.is_empty() {
        return Vec::new();
    }
    let mut output = Vec::with_capacity(text.len() + text.len() / 4);
    let (mut kind, mut word, mut rest) = next_word(text);
    while !rest.is_empty() {
        if kind != Word::Connector {
            lower(&mut output, kind, word, connector);
        }
        let (previous, last) = (kind, word);
        (kind, word, rest) = next_word(rest);
        let joins = |kind: Word| !matches!(kind, Word::Connector | Word::Punctuation);
        match previous {
            Word::Number => {
                while matches!(kind, Word::Alphabet | Word::Number) {
                    lower(&mut output, kind, word, connector);
                    (kind, word, rest) = next_word(rest);
                }
                if kind != Word::Invalid && joins(kind) {
                    push(&mut output, connector);
                }
            }
            Word::Connector => lower(&mut output, previous, last, connector),
            Word::Punctuation => {}
            _ if kind != Word::Number => {
                if joins(kind) {
                    push(&mut output, connector);
                }
            }
            _ if rest.is_empty() => {}
            _ => {
                let number = word;
                (kind, word, rest) = next_word(rest);
                // A number belongs to the word before it, `bld4_floor`, unless lower case follows, `http_2xx`.
                if kind != Word::Alphabet {
                    lower(&mut output, Word::Number, number, connector);
                    if joins(kind) {
                        push(&mut output, connector);
                    }
                    continue;
                }
                push(&mut output, connector);
                lower(&mut output, Word::Number, number, connector);
                while matches!(kind, Word::Alphabet | Word::Number) {
                    lower(&mut output, kind, word, connector);
                    (kind, word, rest) = next_word(rest);
                }
                if kind != Word::Invalid && joins(kind) {
                    push(&mut output, connector);
                }
            }
        }
    }
    lower(&mut output, kind, word, connector);
    output
}

fn lower(output: &mut Vec<u8>, kind: Word, word: &[u8], connector: char) {
    if !matches!(kind, Word::UpperCase | Word::Connector) {
        output.extend_from_slice(word);
        return;
    }
    let mut rest = word;
    while let Some((character, width)) = first_character(rest) {
        rest = &rest[width..];
        if is_connector(character) {
            push(output, connector);
        } else if is_upper(character) {
            push(output, to_lower(character));
        } else {
            push(output, character);
        }
    }
}

/// The next character that is valid, and the bytes up to its end; the character before where there is none.
fn next_valid(text: &[u8], previous: char) -> (char, usize) {
    let mut size = 0;
    while let Some((character, width)) = first_character(&text[size..]) {
        size += width;
        if character != '\u{fffd}' {
            return (character, size);
        }
    }
    (previous, size)
}

/// The kind of the first word, the word and what follows it.
fn next_word(text: &[u8]) -> (Word, &[u8], &[u8]) {
    if text.is_empty() {
        return (Word::Invalid, text, text);
    }
    let (first, size) = next_valid(text, '\u{fffd}');
    if first == '\u{fffd}' {
        let (word, rest) = text.split_at(size);
        return (Word::Invalid, word, rest);
    }
    let run = |length: usize, member: &dyn Fn(char) -> bool| -> usize {
        let (mut length, mut previous) = (length, first);
        while length < text.len() {
            let (character, size) = next_valid(&text[length..], previous);
            if !member(character) {
                break;
            }
            previous = character;
            length += size;
        }
        length
    };
    let (kind, length) = if is_connector(first) {
        (Word::Connector, run(size, &is_connector))
    } else if is_punctuation(first) {
        (Word::Punctuation, run(size, &is_punctuation))
    } else if is_upper(first) {
        (Word::UpperCase, upper_word_length(text, first, size))
    } else if is_alphabet(first) {
        (Word::Alphabet, run(size, &|character| is_alphabet(character) && !is_upper(character)))
    } else if is_number(first) {
        (Word::Number, run(size, &is_number))
    } else {
        let other = |character: char| {
            !(is_connector(character)
                || is_alphabet(character)
                || is_number(character)
                || is_punctuation(character))
        };
        (Word::Other, run(size, &other))
    };
    let (word, rest) = text.split_at(length);
    (kind, word, rest)
}

/// `HTTPStatus` ends after `HTTP`, `Status` after its lower case letters.
fn upper_word_length(text: &[u8], first: char, size: usize) -> usize {
    let mut length = size;
    if length == text.len() {
        return length;
    }
    let (mut character, mut width) = next_valid(&text[length..], first);
    if is_upper(character) {
        let mut last = width;
        length += width;
        while length < text.len() {
            (character, width) = next_valid(&text[length..], character);
            if !is_upper(character) {
                break;
            }
            last = width;
            length += width;
        }
        // The last capital begins the next word.
        if length < text.len() && is_alphabet(character) {
            length -= last;
        }
    } else if is_alphabet(character) {
        length += width;
        while length < text.len() {
            (character, width) = next_valid(&text[length..], character);
            if !is_alphabet(character) || is_upper(character) {
                break;
            }
            length += width;
        }
    }
    length
}
