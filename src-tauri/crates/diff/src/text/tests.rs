//! Rows, words and patches.

use super::*;

fn shown(old: &str, new: &str, context: u32) -> Vec<String> {
    let mut lines = Vec::new();
    for row in diff(old, new, &TextOptions { context, ..TextOptions::default() }).rows {
        let number = |line: Option<u32>| line.map_or("·".to_owned(), |line| line.to_string());
        let text = match row.kind {
            RowKind::Fold => format!("({} lines)", row.folded.unwrap()),
            RowKind::Context => format!("  {}", row.left.unwrap()),
            RowKind::Added => format!("+ {}", row.right.unwrap()),
            RowKind::Removed => format!("- {}", row.left.unwrap()),
            RowKind::Changed => format!("~ {} | {}", row.left.unwrap(), row.right.unwrap()),
        };
        lines.push(format!("{} {} {text}", number(row.left_line), number(row.right_line)));
    }
    lines
}

fn numbered(count: u32) -> String {
    (1..=count).map(|line| format!("line {line}\n")).collect()
}

#[test]
fn unchanged_runs_are_folded_but_for_the_context() {
    let old = numbered(20);
    let new = old.replace("line 10\n", "line ten\n");
    assert_eq!(
        shown(&old, &new, 1),
        ["1 1 (8 lines)", "9 9   line 9", "10 10 ~ line 10 | line ten", "11 11   line 11", "12 12 (9 lines)"]
    );
    assert_eq!(shown(&old, &new, u32::MAX).len(), 20);
}

#[test]
fn a_fold_is_opened_with_the_text_alone() {
    let old = numbered(20);
    let new = old.replace("line 10\n", "line ten\nmore\n");
    let options = TextOptions { context: 1, ..TextOptions::default() };
    let folded = diff(&old, &new, &options).rows;
    let opened: Vec<Row> = folded
        .iter()
        .flat_map(
            |row| if row.kind == RowKind::Fold { unfold(&old, row, &options) } else { vec![row.clone()] },
        )
        .collect();
    assert_eq!(opened, diff(&old, &new, &TextOptions { context: u32::MAX, ..options }).rows);
    assert!(unfold("", &folded[0], &options).is_empty(), "another text is no reason to panic");
}

#[test]
fn a_single_hidden_line_is_shown_instead_of_a_fold() {
    let old = numbered(3);
    let new = old.replace("line 3\n", "end\n");
    assert_eq!(shown(&old, &new, 1)[0], "1 1   line 1");
}

#[test]
fn lines_that_are_alike_belong_together() {
    assert_eq!(
        shown("a: 1\nimage: web:1\n", "b: new and different\nimage: web:2\n", 0),
        ["1 · - a: 1", "· 1 + b: new and different", "2 2 ~ image: web:1 | image: web:2"].map(str::to_owned)
    );
}

#[test]
fn equal_texts_have_no_rows_and_an_empty_side_is_all_added() {
    assert!(shown("a\n", "a\n", 3).is_empty());
    assert_eq!(shown("", "a\nb\n", 3), ["· 1 + a", "· 2 + b"]);
    assert_eq!(shown("a", "", 3), ["1 · - a"]);
}

#[test]
fn line_ends_are_differences() {
    let compared = diff("a\r\nb\n", "a\nb", &TextOptions::default());
    assert_eq!(compared.rows[0].left.as_deref(), Some("a\r"));
    assert!(compared.final_newline_differs);
    assert_eq!((compared.added, compared.removed), (2, 2));
}

#[test]
fn changed_words_are_marked_as_one_part() {
    let compared = diff("  image: shop/web:1.4.2\n", "  image: shop/web:1.5.0\n", &TextOptions::default());
    let parts = |segments: &[WordSegment]| -> Vec<String> {
        segments
            .iter()
            .map(|part| if part.changed { format!("[{}]", part.text) } else { part.text.clone() })
            .collect()
    };
    assert_eq!(parts(&compared.rows[0].left_segments), ["  image: shop/web:1.", "[4.2]"]);
    assert_eq!(parts(&compared.rows[0].right_segments), ["  image: shop/web:1.", "[5.0]"]);
}

#[test]
fn hunks_are_numbered() {
    let old = numbered(30);
    let new = old.replace("line 5\n", "five\n").replace("line 25\n", "");
    let compared = diff(&old, &new, &TextOptions::default());
    assert_eq!(compared.hunks, 2);
    let last = compared.rows.iter().rev().find(|row| row.hunk.is_some()).unwrap();
    assert_eq!((last.hunk, last.kind), (Some(1), RowKind::Removed));
}

#[test]
fn every_line_of_both_sides_is_in_the_rows() {
    // A small generator of numbers instead of randomness: the same texts in every run.
    let mut state = 12_345u64;
    let mut next = move |limit: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % limit
    };
    for _ in 0..300 {
        let text = |next: &mut dyn FnMut(u64) -> u64| -> String {
            (0..next(12))
                .map(|_| format!("{}\n", ["a", "b c", "d: 1", ""][usize::try_from(next(4)).unwrap()]))
                .collect()
        };
        let (old, new) = (text(&mut next), text(&mut next));
        let context = TextOptions { context: u32::MAX, ..TextOptions::default() };
        let compared = diff(&old, &new, &context);
        if old == new {
            continue;
        }
        let mut left = String::new();
        let mut right = String::new();
        for row in &compared.rows {
            if let Some(text) = &row.left {
                left.push_str(text);
                left.push('\n');
            }
            if let Some(text) =
                row.right.as_ref().or(row.left.as_ref().filter(|_| row.kind == RowKind::Context))
            {
                right.push_str(text);
                right.push('\n');
            }
        }
        assert_eq!((left.as_str(), right.as_str()), (old.as_str(), new.as_str()));
    }
}

#[test]
fn a_line_of_ten_megabytes_is_cut() {
    let (old, new) = ("x ".repeat(5_000_000), "y ".repeat(5_000_000));
    let compared = diff(&old, &new, &TextOptions::default());
    assert!(compared.rows.iter().all(|row| row.cut));
    assert!(compared.rows.iter().all(|row| row.left.as_ref().or(row.right.as_ref()).unwrap().len() <= 2_000));
}

#[test]
fn fifty_thousand_lines_that_repeat_a_few_texts_are_compared() {
    let text = |step: usize| -> String {
        (0..50_000usize).map(|line| format!("{}\n", (line * step) % 7 + (line / (step * 11)) % 3)).collect()
    };
    let compared = diff(&text(3), &text(5), &TextOptions::default());
    assert!(compared.hunks > 0);
}

#[test]
fn patches_are_those_of_git() {
    let old = numbered(20);
    let new = old.replace("line 3\n", "three\n").replace("line 18\n", "line 18\nadded\n");
    assert_eq!(
        unified("a.yaml", Some(&old), Some(&new), 1),
        "diff --git a/a.yaml b/a.yaml\n--- a/a.yaml\n+++ b/a.yaml\n@@ -2,3 +2,3 @@\n line 2\n-line 3\n+three\n \
         line 4\n@@ -18,2 +18,3 @@\n line 18\n+added\n line 19\n"
    );
}

#[test]
fn new_deleted_and_unended_files_are_written_as_git_does() {
    for (path, old, new, expected) in [
        (
            "n.yaml",
            None,
            Some("a\n"),
            "diff --git a/n.yaml b/n.yaml\nnew file mode 100644\n--- /dev/null\n+++ b/n.yaml\n@@ -0,0 +1 @@\n+a\n",
        ),
        (
            "d.yaml",
            Some("a"),
            None,
            "diff --git a/d.yaml b/d.yaml\ndeleted file mode 100644\n--- a/d.yaml\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n\\ No newline at end of file\n",
        ),
        ("e.yaml", None, Some(""), "diff --git a/e.yaml b/e.yaml\nnew file mode 100644\n"),
        (
            "u.yaml",
            Some("a\nb"),
            Some("a\nb\n"),
            "diff --git a/u.yaml b/u.yaml\n--- a/u.yaml\n+++ b/u.yaml\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n",
        ),
        (
            "ä \"q\".yaml",
            Some("a\n"),
            Some("b\n"),
            "diff --git \"a/\\303\\244 \\\"q\\\".yaml\" \"b/\\303\\244 \\\"q\\\".yaml\"\n--- \"a/\\303\\244 \\\"q\\\".yaml\"\t\n+++ \"b/\\303\\244 \\\"q\\\".yaml\"\t\n@@ -1 +1 @@\n-a\n+b\n",
        ),
        ("same", Some("a"), Some("a"), ""),
    ] {
        assert_eq!(unified(path, old, new, 3), expected, "{path}");
    }
}
