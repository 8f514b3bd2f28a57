//! Ordered lists of resources.

use std::collections::HashSet;

use super::id::ResId;
use super::one::Resource;
use crate::failure::Failure;

/// Resources in the order in which they were loaded. No two have the same current id, except while a transformer is at
/// work.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResourceMap {
    resources: Vec<Resource>,
}

impl ResourceMap {
    /// An empty list.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A list of the given resources.
    ///
    /// # Errors
    /// As [`ResourceMap::append`].
    pub fn from_resources(resources: Vec<Resource>) -> Result<Self, Failure> {
        let mut map = Self::new();
        map.append_all(resources)?;
        Ok(map)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.resources.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty()
    }

    /// The resources in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Resource> {
        self.resources.iter()
    }

    /// The resources in order, to be changed.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, Resource> {
        self.resources.iter_mut()
    }

    /// The resources as a slice.
    #[must_use]
    pub fn as_slice(&self) -> &[Resource] {
        &self.resources
    }

    /// The resources as a list of their own, for a transformer that reorders, drops or makes some.
    pub fn resources_mut(&mut self) -> &mut Vec<Resource> {
        &mut self.resources
    }

    /// The resources.
    #[must_use]
    pub fn into_resources(self) -> Vec<Resource> {
        self.resources
    }

    /// Adds a resource at the end.
    ///
    /// # Errors
    /// When one with the same current id is there already.
    pub fn append(&mut self, resource: Resource) -> Result<(), Failure> {
        let id = resource.current_id();
        if let Some(first) = self.resources.iter().find(|each| each.is(&id)) {
            return Err(registered(&id, Some(first), &resource));
        }
        self.resources.push(resource);
        Ok(())
    }

    /// Adds resources at the end.
    ///
    /// # Errors
    /// As [`ResourceMap::append`].
    pub fn append_all(&mut self, resources: Vec<Resource>) -> Result<(), Failure> {
        if self.resources.is_empty() && resources.len() == 1 {
            self.resources = resources;
            return Ok(());
        }
        let mut seen: HashSet<Key> = self.resources.iter().map(Key::of).collect();
        self.resources.reserve(resources.len());
        for resource in resources {
            if !seen.insert(Key::of(&resource)) {
                let id = resource.current_id();
                let first = self.resources.iter().find(|each| each.is(&id));
                return Err(registered(&id, first, &resource));
            }
            self.resources.push(resource);
        }
        Ok(())
    }

    /// The positions of those whose current id is the same as `id`.
    #[must_use]
    pub fn find_current(&self, id: &ResId) -> Vec<usize> {
        self.positions(|resource| resource.is(id))
    }

    /// The positions of those whose current id, or one that they had, is the same as `id`.
    #[must_use]
    pub fn find_any(&self, id: &ResId) -> Vec<usize> {
        self.positions(|resource| !resource.is_empty() && resource.is_or_was(id))
    }

    /// The position of the only one whose current id is the same as `id`.
    ///
    /// # Errors
    /// `multiple matches for Current …`, `no matches for Current …`.
    pub fn one_current(&self, id: &ResId) -> Result<usize, Failure> {
        one(&self.find_current(id), "Current", id)
    }

    /// The position of the only one whose current id, or one that it had, is the same as `id`: the target of a patch.
    ///
    /// # Errors
    /// `multiple matches for Id …; failed to find unique target for patch …`, `no matches for Id …`.
    pub fn one_any(&self, id: &ResId) -> Result<usize, Failure> {
        one(&self.find_any(id), "Id", id).map_err(|failure| {
            let message = format!("{}; failed to find unique target for patch {id}", failure.message());
            Failure::new(failure.code(), message)
        })
    }

    /// The resource at a position.
    #[must_use]
    pub fn get(&self, position: usize) -> Option<&Resource> {
        self.resources.get(position)
    }

    /// The resource at a position, to be changed.
    pub fn get_mut(&mut self, position: usize) -> Option<&mut Resource> {
        self.resources.get_mut(position)
    }

    /// Puts a resource in the place of the one with the same current id.
    ///
    /// # Errors
    /// When there is none, or several.
    pub fn replace(&mut self, resource: Resource) -> Result<usize, Failure> {
        let id = resource.current_id();
        match self.find_current(&id)[..] {
            [position] => {
                self.resources[position] = resource;
                Ok(position)
            }
            [] => Err(Failure::new(
                "kustomize-not-found",
                format!("cannot find resource with id {id} to replace"),
            )),
            ref many => Err(Failure::new(
                "kustomize-ambiguous",
                format!("in Replace: id matched {} resources", many.len()),
            )),
        }
    }

    /// Removes the one with this current id.
    ///
    /// # Errors
    /// When there is none.
    pub fn remove(&mut self, id: &ResId) -> Result<(), Failure> {
        let before = self.resources.len();
        self.resources.retain(|resource| resource.current_id() != *id);
        if self.resources.len() + 1 == before {
            return Ok(());
        }
        Err(Failure::new("kustomize-not-found", format!("id {id} not found in removal")))
    }

    /// Drops resources whose object was deleted.
    pub fn drop_empty(&mut self) {
        if self.resources.iter().any(Resource::is_empty) {
            self.resources.retain(|resource| !resource.is_empty());
        }
    }

    /// Fails when two resources have the same current id.
    ///
    /// # Errors
    /// As [`ResourceMap::append`].
    pub fn check_unique(&self) -> Result<(), Failure> {
        let mut seen = HashSet::with_capacity(self.resources.len());
        for resource in &self.resources {
            if !seen.insert(Key::of(resource)) {
                let id = resource.current_id();
                return Err(registered(&id, self.resources.iter().find(|each| each.is(&id)), resource));
            }
        }
        Ok(())
    }

    fn positions(&self, matches: impl Fn(&Resource) -> bool) -> Vec<usize> {
        let found = self.resources.iter().enumerate().filter(|(_, resource)| matches(resource));
        found.map(|(position, _)| position).collect()
    }
}

impl<'a> IntoIterator for &'a ResourceMap {
    type Item = &'a Resource;
    type IntoIter = std::slice::Iter<'a, Resource>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a> IntoIterator for &'a mut ResourceMap {
    type Item = &'a mut Resource;
    type IntoIter = std::slice::IterMut<'a, Resource>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

/// A current id as a key.
#[derive(PartialEq, Eq, Hash)]
struct Key(String);

impl Key {
    fn of(resource: &Resource) -> Self {
        let (group, version) = super::parse_group_version(resource.api_version());
        let parts = [group, version, resource.kind(), resource.effective_namespace(), resource.name()];
        Self(parts.join("\0"))
    }
}

fn registered(id: &ResId, first: Option<&Resource>, second: &Resource) -> Failure {
    let message = format!("may not add resource with an already registered id: {id}");
    let mut failure = Failure::new("kustomize-duplicate", message);
    let place = |resource: &Resource| {
        resource.source().map(|source| match source.line {
            Some(line) => format!("{}:{line}", source.file),
            None => source.file.to_string(),
        })
    };
    if let (Some(first), Some(second)) = (first.and_then(place), place(second)) {
        failure = failure.hint(if first == second {
            format!("`{first}` is loaded twice; list it once")
        } else {
            format!("it is written in `{first}` and in `{second}`; keep one, or turn the second into a patch")
        });
    }
    failure
}

fn one(found: &[usize], what: &str, id: &ResId) -> Result<usize, Failure> {
    match *found {
        [position] => Ok(position),
        [] => Err(Failure::new("kustomize-not-found", format!("no matches for {what} {id}"))),
        _ => Err(Failure::new("kustomize-ambiguous", format!("multiple matches for {what} {id}"))),
    }
}
