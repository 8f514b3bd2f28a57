//! Names as a company has them.

const DOMAINS: [&str; 50] = [
    "accounts",
    "address",
    "analytics",
    "assets",
    "audit",
    "baskets",
    "billing",
    "bookings",
    "campaigns",
    "cards",
    "catalog",
    "claims",
    "consent",
    "contracts",
    "coupons",
    "customers",
    "delivery",
    "discounts",
    "documents",
    "exports",
    "feedback",
    "fleet",
    "fraud",
    "gifts",
    "identity",
    "imports",
    "inventory",
    "invoices",
    "ledger",
    "loyalty",
    "mail",
    "media",
    "messages",
    "orders",
    "partners",
    "payments",
    "pricing",
    "products",
    "profiles",
    "quotes",
    "ratings",
    "refunds",
    "reports",
    "returns",
    "routes",
    "search",
    "sessions",
    "shipping",
    "stock",
    "taxes",
];

const ROLES: [&str; 20] = [
    "api",
    "worker",
    "web",
    "scheduler",
    "gateway",
    "consumer",
    "indexer",
    "sync",
    "admin",
    "cache",
    "events",
    "import",
    "metrics",
    "notifier",
    "proxy",
    "relay",
    "rules",
    "store",
    "stream",
    "webhooks",
];

const TEAMS: [&str; 8] = ["anchor", "beacon", "compass", "dock", "ferry", "harbour", "lighthouse", "tide"];

/// The name of the application at a position; each position has another.
pub(super) fn application(position: usize) -> String {
    let domain = DOMAINS[position % DOMAINS.len()];
    let role = ROLES[position / DOMAINS.len() % ROLES.len()];
    match position / (DOMAINS.len() * ROLES.len()) {
        0 => format!("{domain}-{role}"),
        region => format!("{domain}-{role}-{}", region + 1),
    }
}

/// A team.
pub(super) fn team(seed: u64) -> &'static str {
    TEAMS[(seed % TEAMS.len() as u64) as usize]
}
