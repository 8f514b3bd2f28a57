//! The database: recent repositories, runs and drafts.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::{Folders, StoreError};

/// Each step brings the schema one version further; steps are never changed once released.
const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE recent (
        path TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        opened_at INTEGER NOT NULL
    );
    CREATE TABLE run (
        id TEXT PRIMARY KEY,
        repository TEXT NOT NULL,
        started_at INTEGER NOT NULL,
        finished INTEGER NOT NULL,
        document TEXT NOT NULL
    );
    CREATE INDEX run_by_repository ON run (repository, started_at DESC);
",
    "
    CREATE TABLE draft (
        repository TEXT NOT NULL,
        id TEXT NOT NULL,
        changed_at INTEGER NOT NULL,
        document TEXT NOT NULL,
        PRIMARY KEY (repository, id)
    );
",
];

/// Drafts of a repository that are kept; the oldest are dropped.
const DRAFTS_KEPT: u32 = 50;

/// Runs of a repository that are kept; older ones are dropped.
const RUNS_KEPT: u32 = 500;

/// A repository that was open before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecentRepository {
    /// The absolute path.
    pub path: PathBuf,
    /// The name for reading.
    pub name: String,
    /// When it was last opened, in seconds since 1970.
    pub opened_at: i64,
}

/// A run as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRun {
    /// Its id.
    pub id: String,
    /// The path of its repository.
    pub repository: String,
    /// When it began, in milliseconds since 1970.
    pub started_at: i64,
    /// Whether it has ended.
    pub finished: bool,
    /// The run itself, as JSON. Secrets are masked before it comes here.
    pub document: String,
}

/// Something half made that is to survive the program, such as the choices of a promotion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The repository it belongs to.
    pub repository: String,
    /// Names it inside its repository.
    pub id: String,
    /// When it was last changed, in milliseconds since 1970.
    pub changed_at: i64,
    /// The draft itself, as JSON without secrets.
    pub document: String,
}

/// The SQLite database of the data folder.
pub struct Database {
    path: PathBuf,
    /// Protects the connection; held for one statement or transaction.
    connection: Mutex<Connection>,
}

impl Database {
    /// Opens the database, makes it where it is missing, and brings its schema up to date.
    ///
    /// # Errors
    /// When it cannot be opened, or was written by a newer version.
    pub fn open(folders: &Folders) -> Result<Self, StoreError> {
        let path = folders.data.join("slipway.db");
        fs::create_dir_all(&folders.data).map_err(|source| StoreError::File {
            action: "make the folder",
            path: folders.data.clone(),
            source,
        })?;
        let connection =
            prepare(&path).map_err(|source| StoreError::Database { path: path.clone(), source })?;
        let database = Self { path, connection: Mutex::new(connection) };
        database.migrate()?;
        Ok(database)
    }

    fn migrate(&self) -> Result<(), StoreError> {
        let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
        let found = self.with(|connection| {
            let transaction =
                connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            let found: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
            let done = usize::try_from(found).unwrap_or(usize::MAX);
            for step in MIGRATIONS.iter().skip(done) {
                transaction.execute_batch(step)?;
            }
            if found < known {
                transaction.pragma_update(None, "user_version", known)?;
            }
            transaction.commit()?;
            Ok(found)
        })?;
        if found > known {
            return Err(StoreError::NewerDatabase { path: self.path.clone(), found, known });
        }
        Ok(())
    }

    /// Remembers that a repository was opened.
    ///
    /// # Errors
    /// When the database fails.
    pub fn remember(&self, repository: &RecentRepository) -> Result<(), StoreError> {
        self.with(|connection| {
            connection.execute(
                "INSERT INTO recent (path, name, opened_at) VALUES (?1, ?2, ?3)
                 ON CONFLICT (path) DO UPDATE SET name = excluded.name, opened_at = excluded.opened_at",
                params![repository.path.to_string_lossy(), repository.name, repository.opened_at],
            )
        })?;
        Ok(())
    }

    /// The last twenty repositories, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn recent(&self) -> Result<Vec<RecentRepository>, StoreError> {
        self.with(|connection| {
            let mut statement = connection
                .prepare("SELECT path, name, opened_at FROM recent ORDER BY opened_at DESC, path LIMIT 20")?;
            let rows = statement.query_map([], |row| {
                Ok(RecentRepository {
                    path: PathBuf::from(row.get::<_, String>(0)?),
                    name: row.get(1)?,
                    opened_at: row.get(2)?,
                })
            })?;
            rows.collect()
        })
    }

    /// Forgets a repository; whether it was known. Its runs and drafts stay.
    ///
    /// # Errors
    /// When the database fails.
    pub fn forget(&self, path: &Path) -> Result<bool, StoreError> {
        let gone = self.with(|connection| {
            connection.execute("DELETE FROM recent WHERE path = ?1", [path.to_string_lossy()])
        })?;
        Ok(gone > 0)
    }

    /// Keeps a draft, new or changed.
    ///
    /// # Errors
    /// When the database fails.
    pub fn keep_draft(&self, draft: &Draft) -> Result<(), StoreError> {
        self.with(|connection| {
            connection.execute(
                "INSERT INTO draft (repository, id, changed_at, document) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (repository, id) DO UPDATE
                 SET changed_at = excluded.changed_at, document = excluded.document",
                params![draft.repository, draft.id, draft.changed_at, draft.document],
            )?;
            connection.execute(
                "DELETE FROM draft WHERE repository = ?1 AND id NOT IN
                 (SELECT id FROM draft WHERE repository = ?1 ORDER BY changed_at DESC LIMIT ?2)",
                params![draft.repository, DRAFTS_KEPT],
            )
        })?;
        Ok(())
    }

    /// The drafts of a repository, the last changed first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn drafts(&self, repository: &str) -> Result<Vec<Draft>, StoreError> {
        self.with(|connection| {
            let mut statement = connection.prepare(
                "SELECT repository, id, changed_at, document FROM draft
                 WHERE repository = ?1 ORDER BY changed_at DESC, id",
            )?;
            let rows = statement.query_map([repository], |row| {
                Ok(Draft {
                    repository: row.get(0)?,
                    id: row.get(1)?,
                    changed_at: row.get(2)?,
                    document: row.get(3)?,
                })
            })?;
            rows.collect()
        })
    }

    /// Drops a draft; whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub fn drop_draft(&self, repository: &str, id: &str) -> Result<bool, StoreError> {
        let gone = self.with(|connection| {
            connection.execute("DELETE FROM draft WHERE repository = ?1 AND id = ?2", [repository, id])
        })?;
        Ok(gone > 0)
    }

    /// Keeps a run, new or changed.
    ///
    /// # Errors
    /// When the database fails.
    pub fn keep_run(&self, run: &StoredRun) -> Result<(), StoreError> {
        self.with(|connection| {
            connection.execute(
                "INSERT INTO run (id, repository, started_at, finished, document) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (id) DO UPDATE SET finished = excluded.finished, document = excluded.document",
                params![run.id, run.repository, run.started_at, run.finished, run.document],
            )?;
            connection.execute(
                "DELETE FROM run WHERE repository = ?1 AND id NOT IN
                 (SELECT id FROM run WHERE repository = ?1 ORDER BY started_at DESC LIMIT ?2)",
                params![run.repository, RUNS_KEPT],
            )
        })?;
        Ok(())
    }

    /// Runs of a repository, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn runs(&self, repository: &str, limit: u32) -> Result<Vec<StoredRun>, StoreError> {
        self.with(|connection| {
            let mut statement = connection.prepare(
                "SELECT id, repository, started_at, finished, document FROM run
                 WHERE repository = ?1 ORDER BY started_at DESC, id LIMIT ?2",
            )?;
            let rows = statement.query_map(params![repository, limit], stored_run)?;
            rows.collect()
        })
    }

    /// One run.
    ///
    /// # Errors
    /// When the database fails.
    pub fn run(&self, id: &str) -> Result<Option<StoredRun>, StoreError> {
        self.with(|connection| {
            connection
                .query_row(
                    "SELECT id, repository, started_at, finished, document FROM run WHERE id = ?1",
                    [id],
                    stored_run,
                )
                .optional()
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        let mut connection = self.connection.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        work(&mut connection).map_err(|source| StoreError::Database { path: self.path.clone(), source })
    }
}

fn prepare(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    // A second program of ours may write at the same time.
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

fn stored_run(row: &rusqlite::Row<'_>) -> rusqlite::Result<StoredRun> {
    Ok(StoredRun {
        id: row.get(0)?,
        repository: row.get(1)?,
        started_at: row.get(2)?,
        finished: row.get(3)?,
        document: row.get(4)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database() -> (tempfile::TempDir, Folders, Database) {
        let folder = tempfile::tempdir().unwrap();
        let folders = Folders::below(folder.path());
        let database = Database::open(&folders).unwrap();
        (folder, folders, database)
    }

    #[test]
    fn the_last_opened_repository_comes_first() {
        let (_guard, folders, database) = database();
        for (path, opened_at) in [("/a", 1), ("/b", 2), ("/a", 3)] {
            let repository = RecentRepository { path: path.into(), name: "n".to_owned(), opened_at };
            database.remember(&repository).unwrap();
        }
        drop(database);
        let again = Database::open(&folders).unwrap();
        let paths: Vec<PathBuf> = again.recent().unwrap().into_iter().map(|each| each.path).collect();
        assert_eq!(paths, [PathBuf::from("/a"), PathBuf::from("/b")]);
    }

    #[test]
    fn runs_are_kept_across_restarts_and_bounded() {
        let (_guard, folders, database) = database();
        for number in 0..i64::from(RUNS_KEPT) + 3 {
            let run = StoredRun {
                id: format!("run-{number}"),
                repository: "/a".to_owned(),
                started_at: number,
                finished: true,
                document: "{}".to_owned(),
            };
            database.keep_run(&run).unwrap();
        }
        drop(database);
        let again = Database::open(&folders).unwrap();
        let runs = again.runs("/a", 10_000).unwrap();
        assert_eq!(runs.len(), RUNS_KEPT as usize);
        assert_eq!(runs[0].id, format!("run-{}", RUNS_KEPT + 2));
        assert_eq!(again.run("run-0").unwrap(), None, "the oldest were dropped");
    }

    #[test]
    fn drafts_are_kept_changed_bounded_and_dropped() {
        let (_guard, folders, database) = database();
        let draft = |id: &str, changed_at| Draft {
            repository: "r".to_owned(),
            id: id.to_owned(),
            changed_at,
            document: format!("{changed_at}"),
        };
        database.keep_draft(&draft("a", 1)).unwrap();
        database.keep_draft(&draft("b", 2)).unwrap();
        database.keep_draft(&draft("a", 3)).unwrap();
        drop(database);
        let again = Database::open(&folders).unwrap();
        let found = again.drafts("r").unwrap();
        assert_eq!(found.iter().map(|draft| draft.document.as_str()).collect::<Vec<_>>(), ["3", "2"]);
        assert!(again.drafts("another").unwrap().is_empty());
        for number in 0..i64::from(DRAFTS_KEPT) {
            again.keep_draft(&draft(&format!("n{number}"), 10 + number)).unwrap();
        }
        let kept = again.drafts("r").unwrap();
        assert_eq!(kept.len(), DRAFTS_KEPT as usize);
        assert!(kept.iter().all(|draft| draft.id.starts_with('n')), "the oldest were dropped");
        assert!(again.drop_draft("r", "n0").unwrap() && !again.drop_draft("r", "n0").unwrap());
    }

    #[test]
    fn a_database_of_the_first_version_is_brought_up_to_date() {
        let (_guard, folders, database) = database();
        database
            .with(|connection| {
                connection.execute_batch("DROP TABLE draft; PRAGMA user_version = 1;")?;
                connection.execute("INSERT INTO recent VALUES ('/a', 'a', 1)", [])
            })
            .unwrap();
        drop(database);
        let again = Database::open(&folders).unwrap();
        assert_eq!(again.recent().unwrap().len(), 1, "what was there stays");
        assert!(again.drafts("r").unwrap().is_empty());
        assert!(again.forget(Path::new("/a")).unwrap() && !again.forget(Path::new("/a")).unwrap());
        assert!(again.recent().unwrap().is_empty());
    }

    #[test]
    fn a_newer_schema_is_refused_and_left_alone() {
        let (_guard, folders, database) = database();
        database.with(|connection| connection.pragma_update(None, "user_version", 99)).unwrap();
        drop(database);
        assert!(matches!(Database::open(&folders), Err(StoreError::NewerDatabase { found: 99, .. })));
    }
}
