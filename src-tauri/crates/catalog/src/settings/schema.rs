//! The JSON schema of `.slipway.yaml`.

/// The JSON schema (draft 2020-12) of `.slipway.yaml`, for editors; published in `docs/`.
#[must_use]
pub fn schema_json() -> &'static str {
    include_str!("../../../../../docs/slipway.schema.json")
}
