//! One instance compared with the installed tool.

use slipway_diff::short_value;
use slipway_tools::ToolKind;

use super::instance::instance_id;
use crate::Api;
use crate::app::blocking;
use crate::convert;
use crate::dto::*;
use crate::parity::{FirstDifference, InstanceParity, ParityStatus, Tools, tool_of};
use crate::secrets::mask_key;

impl Api {
    pub(crate) async fn parity(&self, request: InstanceRef) -> Result<ParityInfo, ApiError> {
        let opened = self.opened(&request.repository)?;
        let fleet = opened.fleet(self).await?;
        let id = instance_id(&request.instance)?;
        let settings = self.settings_now();
        blocking(move || {
            let instance = fleet.instance(&id)?;
            let compared = Tools::find(&settings).compare(&opened.workspace, &fleet.tree, instance);
            let (Some(compared), Some(tool)) = (compared, tool_of(instance)) else {
                return Ok(ParityInfo {
                    instance: instance.id.to_string(),
                    tool: None,
                    tool_version: None,
                    status: ParityStatusInfo::NotComparable,
                    first: None,
                    looked_at: Vec::new(),
                    problems: Vec::new(),
                });
            };
            Ok(parity_info(compared, tool))
        })
        .await
    }
}

fn parity_info(compared: InstanceParity, tool: ToolKind) -> ParityInfo {
    let InstanceParity { instance, tool: name, tool_version, status, first, problems } = compared;
    ParityInfo {
        instance: instance.to_string(),
        tool: Some(name.to_owned()),
        tool_version,
        status: match status {
            ParityStatus::Equal => ParityStatusInfo::Equal,
            ParityStatus::Different => ParityStatusInfo::Different,
            ParityStatus::Failed => ParityStatusInfo::Failed,
            ParityStatus::NotInstalled => ParityStatusInfo::NotInstalled,
            ParityStatus::NotComparable => ParityStatusInfo::NotComparable,
        },
        first: first.map(first_difference),
        looked_at: match status {
            ParityStatus::NotInstalled => vec![
                format!("the setting `tools.{name}`"),
                format!("the environment variable `{}`", tool.variable()),
                "the folders of `PATH`".to_owned(),
            ],
            _ => Vec::new(),
        },
        problems: convert::problems(&problems),
    }
}

fn first_difference(first: FirstDifference) -> FirstDifferenceInfo {
    let FirstDifference { resource, path, ours, theirs, message, secret } = first;
    let text =
        |value: serde_json::Value| if secret { mask_key().marker(&value) } else { short_value(&value) };
    FirstDifferenceInfo {
        resource: resource.as_ref().map(convert::resource),
        path,
        ours: ours.map(text),
        theirs: theirs.map(text),
        message,
    }
}
