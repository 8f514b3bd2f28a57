//! Promotions that are being made, kept across reloads and restarts.

use slipway_store::Draft;

use crate::Api;
use crate::clock;
use crate::dto::*;
use crate::error::{error, internal};

/// A draft is a few choices and a message.
const LARGEST: usize = 1024 * 1024;

impl Api {
    pub(crate) async fn drafts(&self, request: RepositoryRef) -> Result<DraftList, ApiError> {
        let opened = self.opened_or_gone(&request.repository)?;
        let kept = self.inner.database.drafts(&opened.path.display().to_string())?;
        let drafts = kept
            .into_iter()
            .filter_map(|draft| match serde_json::from_str::<PromotionDraft>(&draft.document) {
                Ok(mut read) => {
                    // The id of an opened repository is of this program; the draft is of the folder.
                    read.request.repository.clone_from(&opened.id);
                    read.changed_at = draft.changed_at;
                    Some(read)
                }
                Err(cause) => {
                    tracing::warn!("the draft `{}` was kept by another version: {cause}", draft.id);
                    None
                }
            })
            .collect();
        Ok(DraftList { drafts })
    }

    pub(crate) async fn draft_save(&self, request: DraftSave) -> Result<PromotionDraft, ApiError> {
        let opened = self.opened_or_gone(&request.repository)?;
        let draft = PromotionDraft { changed_at: clock::milliseconds(), ..request.draft };
        if draft.id.is_empty() {
            return Err(error("bad-request", "a draft needs an id"));
        }
        let document = serde_json::to_string(&draft).map_err(|cause| internal(&cause))?;
        if document.len() > LARGEST {
            return Err(error("draft-too-large", "the draft is too large to be kept"));
        }
        self.inner.database.keep_draft(&Draft {
            repository: opened.path.display().to_string(),
            id: draft.id.clone(),
            changed_at: draft.changed_at,
            document,
        })?;
        self.tell(ApiEvent::DraftsChanged { repository: opened.id.clone() });
        Ok(draft)
    }

    pub(crate) async fn draft_remove(&self, request: DraftRef) -> Result<Nothing, ApiError> {
        let opened = self.opened_or_gone(&request.repository)?;
        if self.inner.database.drop_draft(&opened.path.display().to_string(), &request.id)? {
            self.tell(ApiEvent::DraftsChanged { repository: opened.id.clone() });
        }
        Ok(Nothing {})
    }
}
