//! A chart as it takes part in one render: under its alias, without what is switched off.
//!
//! Helm works on pointers, and copies some of them where an alias is used: charts that lie in an aliased chart are
//! shared by all of its copies, and so are its declarations of dependencies. What follows from that is kept.

use std::cell::{Ref, RefCell};
use std::rc::{Rc, Weak};
use std::sync::Arc;

use slipway_gotmpl::{Map, Value, types};

use crate::chart::Chart;
use crate::chart::metadata::Dependency;
use crate::options::HelmVersion;
use crate::values::Data;

/// The default values of a node.
#[derive(Clone)]
pub(crate) enum Defaults {
    /// There is no `values.yaml`.
    None,
    /// What is in it.
    Loaded(Arc<Data>),
    /// With values of charts inside it imported.
    Imported(Map),
}

/// A dependency as it is declared, shared by the copies that aliases make.
pub(crate) type Declared = Rc<RefCell<Dependency>>;

/// A chart in a render.
pub(crate) struct Node {
    pub(crate) chart: Arc<Chart>,
    helm: HelmVersion,
    name: String,
    declared: RefCell<Option<Vec<Declared>>>,
    values: RefCell<Defaults>,
    children: RefCell<Vec<Rc<Node>>>,
    /// Children that copies under other names have replaced. What lies in them still takes them for its parents.
    replaced: RefCell<Vec<Rc<Node>>>,
    parent: RefCell<Weak<Node>>,
}

impl Node {
    /// The chart and all charts in it, as they were loaded.
    pub(crate) fn of(chart: &Arc<Chart>, helm: HelmVersion) -> Rc<Self> {
        Self::named(chart, chart.name(), helm)
    }

    fn named(chart: &Arc<Chart>, name: &str, helm: HelmVersion) -> Rc<Self> {
        let declared = chart
            .metadata
            .declared()
            .map(|list| list.map(|each| Rc::new(RefCell::new(each.clone()))).collect());
        let node = Rc::new(Self {
            chart: Arc::clone(chart),
            helm,
            name: name.to_owned(),
            declared: RefCell::new(declared),
            values: RefCell::new(chart.values.clone().map_or(Defaults::None, Defaults::Loaded)),
            children: RefCell::default(),
            replaced: RefCell::default(),
            parent: RefCell::default(),
        });
        let children = chart.dependencies.iter().map(|inner| Self::of(inner, helm)).collect();
        node.set_children(children);
        node
    }

    /// A copy under another name that shares what Go's copy of the struct shares; in Helm 4 nothing.
    pub(crate) fn renamed(&self, name: &str) -> Rc<Self> {
        if self.helm == HelmVersion::V4 {
            return Self::named(&self.chart, name, self.helm);
        }
        Rc::new(Self {
            chart: Arc::clone(&self.chart),
            helm: self.helm,
            name: name.to_owned(),
            declared: RefCell::new(self.declared.borrow().clone()),
            values: RefCell::new(self.values.borrow().clone()),
            children: RefCell::new(self.children.borrow().clone()),
            replaced: RefCell::default(),
            parent: RefCell::default(),
        })
    }

    pub(crate) fn name(&self) -> &String {
        &self.name
    }

    pub(crate) fn declared(&self) -> Option<Vec<Declared>> {
        self.declared.borrow().clone()
    }

    pub(crate) fn set_declared(&self, declared: Option<Vec<Declared>>) {
        *self.declared.borrow_mut() = declared;
    }

    pub(crate) fn children(&self) -> Ref<'_, Vec<Rc<Node>>> {
        self.children.borrow()
    }

    /// Makes the nodes the children of this one; each forgets the parent it had.
    pub(crate) fn set_children(self: &Rc<Self>, children: Vec<Rc<Node>>) {
        for child in &children {
            *child.parent.borrow_mut() = Rc::downgrade(self);
        }
        let before = std::mem::replace(&mut *self.children.borrow_mut(), children);
        self.replaced.borrow_mut().extend(before);
    }

    /// A copy of the default values; `None` where there are none.
    pub(crate) fn copy_values(&self) -> Option<Map> {
        match &*self.values.borrow() {
            Defaults::None => None,
            Defaults::Loaded(data) => {
                let map = data.to_map(types::MAP);
                if self.helm == HelmVersion::V4 {
                    self.drop_nulls(&map);
                }
                Some(map)
            }
            Defaults::Imported(map) => match Value::Map(map.clone()).deep_copy() {
                Value::Map(copy) => Some(copy),
                _ => None,
            },
        }
    }

    /// Helm 4 drops a null of a chart's own values, but for those that are meant for a chart inside it.
    fn drop_nulls(&self, map: &Map) {
        let children = self.children();
        for (key, value) in map.entries() {
            if matches!(value, Value::Nil) {
                map.remove(&key);
            } else if let Some(inner) = value.as_map()
                && !children.iter().any(|child| *child.name() == *key.to_lossy())
            {
                drop_nested_nulls(inner);
            }
        }
    }

    pub(crate) fn helm(&self) -> HelmVersion {
        self.helm
    }

    pub(crate) fn set_values(&self, values: Map) {
        *self.values.borrow_mut() = Defaults::Imported(values);
    }

    pub(crate) fn is_root(&self) -> bool {
        self.parent.borrow().upgrade().is_none()
    }

    /// The path before the names of its templates: `parent/charts/child`.
    pub(crate) fn full_path(&self) -> String {
        match self.parent.borrow().upgrade() {
            Some(parent) => format!("{}/charts/{}", parent.full_path(), self.name),
            None => self.name.clone(),
        }
    }
}

fn drop_nested_nulls(map: &Map) {
    for (key, value) in map.entries() {
        if matches!(value, Value::Nil) {
            map.remove(&key);
        } else if let Some(inner) = value.as_map() {
            drop_nested_nulls(inner);
        }
    }
}
