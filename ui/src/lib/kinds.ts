/** The short names that Kubernetes itself gives to kinds (`kubectl api-resources`). */
const short: Readonly<Record<string, string>> = {
  ConfigMap: "cm",
  CronJob: "cj",
  CustomResourceDefinition: "crd",
  DaemonSet: "ds",
  Deployment: "deploy",
  Endpoints: "ep",
  HorizontalPodAutoscaler: "hpa",
  Ingress: "ing",
  Namespace: "ns",
  NetworkPolicy: "netpol",
  PersistentVolume: "pv",
  PersistentVolumeClaim: "pvc",
  Pod: "po",
  PodDisruptionBudget: "pdb",
  PriorityClass: "pc",
  ReplicaSet: "rs",
  ResourceQuota: "quota",
  Service: "svc",
  ServiceAccount: "sa",
  StatefulSet: "sts",
  StorageClass: "sc",
};

/** A kind where there is little room. Kinds without a short name stay whole. */
export function shortKind(kind: string): string {
  return short[kind] ?? kind;
}
