//! What a cluster has from the start: nodes, namespaces, a storage class, the service of its own API.

use serde_json::{Value, json};

use crate::state::{State, set};
use crate::store::Key;

/// Installs a cluster with some nodes.
pub(crate) fn install(state: &mut State, nodes: usize) {
    for name in ["default", "kube-node-lease", "kube-public", "kube-system"] {
        let namespace = json!({
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": {"name": name, "labels": {"kubernetes.io/metadata.name": name}},
            "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"},
        });
        put(state, &Key::new("", "namespaces", "", name), namespace);
    }
    for index in 1..=nodes {
        let name = format!("node-{index}");
        let node = node(state, &name, index);
        put(state, &Key::new("", "nodes", "", &name), node);
    }
    let class = json!({
        "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
        "metadata": {"name": "standard", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
        "provisioner": "sandbox.slipway.dev/memory", "reclaimPolicy": "Delete", "volumeBindingMode": "Immediate",
        "allowVolumeExpansion": true,
    });
    put(state, &Key::new("storage.k8s.io", "storageclasses", "", "standard"), class);
    let service = json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"name": "kubernetes", "namespace": "default",
            "labels": {"component": "apiserver", "provider": "kubernetes"}},
        "spec": {"type": "ClusterIP", "clusterIP": "10.96.0.1", "clusterIPs": ["10.96.0.1"],
            "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack", "sessionAffinity": "None",
            "internalTrafficPolicy": "Cluster",
            "ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443}]},
        "status": {"loadBalancer": {}},
    });
    put(state, &Key::new("", "services", "default", "kubernetes"), service);
}

fn put(state: &mut State, key: &Key, mut object: Value) {
    set(&mut object, &["metadata", "uid"], json!(state.ids.uid()));
    set(&mut object, &["metadata", "creationTimestamp"], json!(state.time()));
    state.put(key, object);
}

fn node(state: &State, name: &str, index: usize) -> Value {
    let now = state.time();
    let condition = |sort: &str, status: &str, reason: &str, message: &str| {
        json!({"type": sort, "status": status, "reason": reason, "message": message,
            "lastHeartbeatTime": now, "lastTransitionTime": now})
    };
    let size = json!({"cpu": "8", "memory": "32Gi", "pods": "110", "ephemeral-storage": "100Gi"});
    json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {"name": name, "labels": {
            "kubernetes.io/arch": "amd64", "kubernetes.io/os": "linux", "kubernetes.io/hostname": name,
            "topology.kubernetes.io/zone": format!("zone-{}", (index - 1) % 3 + 1),
        }},
        "spec": {"podCIDR": format!("10.244.{}.0/24", index % 256)},
        "status": {
            "capacity": size, "allocatable": size,
            "addresses": [{"type": "InternalIP", "address": format!("10.0.0.{}", index % 250 + 1)},
                {"type": "Hostname", "address": name}],
            "conditions": [
                condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
                condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
                condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
                condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
            ],
            "nodeInfo": {
                "architecture": "amd64", "operatingSystem": "linux", "osImage": "Slipway sandbox",
                "kernelVersion": "none", "containerRuntimeVersion": "sandbox://1", "bootID": "", "machineID": "",
                "systemUUID": "", "kubeProxyVersion": "",
                "kubeletVersion": format!("v{}", slipway_schema::KUBERNETES_VERSION),
            },
        },
    })
}
