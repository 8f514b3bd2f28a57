//! The fleet and the matrix.

use slipway_catalog::Application;
use slipway_model::EnvironmentName;

use crate::Api;
use crate::convert;
use crate::dto::*;

impl Api {
    pub(crate) async fn fleet(&self, request: FleetRequest) -> Result<Fleet, ApiError> {
        let opened = self.opened(&request.repository)?;
        let fleet = opened.fleet(self).await?;
        let contexts = self.contexts_of(&opened);
        Ok(convert::fleet(&opened.id, &fleet, |environment| contexts.get(environment).cloned()))
    }

    pub(crate) async fn matrix(&self, request: RepositoryRef) -> Result<Matrix, ApiError> {
        let opened = self.opened(&request.repository)?;
        let fleet = opened.fleet(self).await?;
        let environments = &fleet.catalog.environments;
        let cell = |application: &Application, environment: &EnvironmentName| {
            let instance = application.instances.iter().find(|each| each.id.environment == *environment)?;
            let standing = fleet.standings.get(&instance.id);
            Some(MatrixCell {
                instance: instance.id.to_string(),
                version: fleet.facts.get(&instance.id).map(|facts| facts.version.clone()).unwrap_or_default(),
                state: convert::state(standing),
                classes: convert::classes(standing.map(|standing| standing.classes).unwrap_or_default()),
            })
        };
        Ok(Matrix {
            repository: opened.id.clone(),
            generation: fleet.generation,
            environments: environments
                .iter()
                .map(|environment| MatrixEnvironment {
                    name: environment.name.to_string(),
                    protected: environment.protected,
                })
                .collect(),
            rows: fleet
                .catalog
                .applications
                .iter()
                .map(|application| MatrixRow {
                    application: application.name.to_string(),
                    cells: environments.iter().map(|each| cell(application, &each.name)).collect(),
                })
                .collect(),
        })
    }
}
