//! What happened in the sample repository: each commit as replacements of text on the files before it.

/// A commit of the sample.
pub(super) struct SampleCommit {
    /// How long before the sample was made, in hours.
    pub(super) hours_ago: i64,
    /// The author's name; the address is made from it.
    pub(super) author: &'static str,
    /// The message.
    pub(super) message: &'static str,
    /// File, text to find (once), text to put there.
    pub(super) replacements: &'static [(&'static str, &'static str, &'static str)],
}

const fn commit(
    hours_ago: i64,
    author: &'static str,
    message: &'static str,
    replacements: &'static [(&'static str, &'static str, &'static str)],
) -> SampleCommit {
    SampleCommit { hours_ago, author, message, replacements }
}

/// The first commit has the files as they are embedded; these follow, the oldest first.
pub(super) const HISTORY: &[SampleCommit] = &[
    commit(
        700,
        "Ines Faber",
        "catalog-api: 3.12.0 to development",
        &[("apps/catalog-api/development/common.yaml", "tag: 3.11.0", "tag: 3.12.0")],
    ),
    commit(
        690,
        "Ines Faber",
        "promote(catalog-api): development → staging",
        &[("apps/catalog-api/staging/common.yaml", "tag: 3.11.0", "tag: 3.12.0")],
    ),
    commit(
        660,
        "Jonas Weidel",
        "payments-api: 7.3.0 to development",
        &[
            ("apps/payments-api/development/deployment.yaml", "payments-api:7.2.0", "payments-api:7.3.0"),
            ("apps/payments-api/development/migrate.yaml", "payments-api:7.2.0", "payments-api:7.3.0"),
        ],
    ),
    commit(
        640,
        "Ines Faber",
        "promote(catalog-api): staging → production",
        &[("apps/catalog-api/production/common.yaml", "tag: 3.11.0", "tag: 3.12.0")],
    ),
    commit(
        600,
        "Jonas Weidel",
        "promote(payments-api): development → staging",
        &[
            ("apps/payments-api/staging/deployment.yaml", "payments-api:7.2.0", "payments-api:7.3.0"),
            ("apps/payments-api/staging/migrate.yaml", "payments-api:7.2.0", "payments-api:7.3.0"),
        ],
    ),
    commit(
        560,
        "Amira Osei",
        "storefront: 4.9.0 to development",
        &[("apps/storefront/development/common.yaml", "tag: 4.8.0", "tag: 4.9.0")],
    ),
    commit(
        540,
        "Amira Osei",
        "promote(storefront): development → staging",
        &[("apps/storefront/staging/common.yaml", "tag: 4.8.0", "tag: 4.9.0")],
    ),
    commit(
        500,
        "Jonas Weidel",
        "promote(payments-api): staging → production",
        &[
            ("apps/payments-api/production/deployment.yaml", "payments-api:7.2.0", "payments-api:7.3.0"),
            ("apps/payments-api/production/migrate.yaml", "payments-api:7.2.0", "payments-api:7.3.0"),
        ],
    ),
    commit(
        470,
        "Amira Osei",
        "storefront: 4.10.0 to development and staging",
        &[
            ("apps/storefront/development/common.yaml", "tag: 4.9.0", "tag: 4.10.0"),
            ("apps/storefront/staging/common.yaml", "tag: 4.9.0", "tag: 4.10.0"),
        ],
    ),
    commit(
        430,
        "Tomasz Lind",
        "gateway: 2.4.0 everywhere, a security fix",
        &[
            ("apps/gateway/development/common.yaml", "tag: 2.3.1", "tag: 2.4.0"),
            ("apps/gateway/staging/common.yaml", "tag: 2.3.1", "tag: 2.4.0"),
            ("apps/gateway/production/common.yaml", "tag: 2.3.1", "tag: 2.4.0"),
        ],
    ),
    commit(
        380,
        "Ines Faber",
        "catalog-api: 3.13.0 to development and staging",
        &[
            ("apps/catalog-api/development/common.yaml", "tag: 3.12.0", "tag: 3.13.0"),
            ("apps/catalog-api/staging/common.yaml", "tag: 3.12.0", "tag: 3.13.0"),
        ],
    ),
    commit(
        330,
        "Tomasz Lind",
        "orders-api: 2.7.0 to development, with an audit log",
        &[
            ("apps/orders-api/development/deployment.yaml", "orders-api:2.6.0", "orders-api:2.7.0"),
            (
                "apps/orders-api/development/deployment.yaml",
                "            - {name: EXPORT_BATCH, value: \"50\"}\n",
                "            - {name: EXPORT_BATCH, value: \"50\"}\n            - {name: AUDIT_LOG, value: \"on\"}\n",
            ),
        ],
    ),
    commit(
        300,
        "Tomasz Lind",
        "promote(orders-api): development → staging",
        &[
            ("apps/orders-api/staging/deployment.yaml", "orders-api:2.6.0", "orders-api:2.7.0"),
            (
                "apps/orders-api/staging/deployment.yaml",
                "            - {name: EXPORT_BATCH, value: \"50\"}\n",
                "            - {name: EXPORT_BATCH, value: \"50\"}\n            - {name: AUDIT_LOG, value: \"on\"}\n",
            ),
        ],
    ),
    commit(
        260,
        "Amira Osei",
        "storefront: 4.11.0 to development",
        &[("apps/storefront/development/common.yaml", "tag: 4.10.0", "tag: 4.11.0")],
    ),
    commit(
        250,
        "Amira Osei",
        "promote(storefront): development → staging",
        &[("apps/storefront/staging/common.yaml", "tag: 4.10.0", "tag: 4.11.0")],
    ),
    commit(
        220,
        "Jonas Weidel",
        "payments-api: 7.4.0 to development, more memory for the new ledger",
        &[
            ("apps/payments-api/development/deployment.yaml", "payments-api:7.3.0", "payments-api:7.4.0"),
            ("apps/payments-api/development/migrate.yaml", "payments-api:7.3.0", "payments-api:7.4.0"),
        ],
    ),
    commit(
        190,
        "Jonas Weidel",
        "promote(payments-api): development → staging",
        &[
            ("apps/payments-api/staging/deployment.yaml", "payments-api:7.3.0", "payments-api:7.4.0"),
            ("apps/payments-api/staging/migrate.yaml", "payments-api:7.3.0", "payments-api:7.4.0"),
            (
                "apps/payments-api/staging/deployment.yaml",
                "limits: {memory: 512Mi}",
                "limits: {memory: 768Mi}",
            ),
        ],
    ),
    commit(
        150,
        "Ines Faber",
        "recommendations: the winter model to staging",
        &[
            ("apps/recommendations/staging/values.yaml", "name: spring", "name: winter"),
            ("apps/recommendations/development/values.yaml", "tag: 5.2.0", "tag: 5.3.0-rc.1"),
        ],
    ),
    commit(
        120,
        "Tomasz Lind",
        "reports: 1.23.0 to development and staging",
        &[
            ("apps/reports/development/main.jsonnet", "reports:1.22.0", "reports:1.23.0"),
            ("apps/reports/staging/main.jsonnet", "reports:1.22.0", "reports:1.23.0"),
        ],
    ),
    commit(
        90,
        "Amira Osei",
        "accounts-api: hotfix 1.14.1 straight to production",
        &[("apps/accounts-api/production/common.yaml", "tag: 1.14.0", "tag: 1.14.1")],
    ),
    commit(
        60,
        "Ines Faber",
        "catalog-api: 3.14.0 to development",
        &[("apps/catalog-api/development/common.yaml", "tag: 3.13.0", "tag: 3.14.0")],
    ),
    commit(
        30,
        "Jonas Weidel",
        "search: German stemming in development and staging",
        &[
            ("apps/search/development/search.yaml", "search:8.15.0", "search:8.16.2"),
            ("apps/search/staging/search.yaml", "search:8.15.0", "search:8.16.2"),
            ("apps/search/staging/search.yaml", "\"en,de\"", "\"en,de,pl\""),
            ("apps/search/development/search.yaml", "\"en,de\"", "\"en,de,pl\""),
        ],
    ),
    commit(
        6,
        "Tomasz Lind",
        "loyalty: a bonus for the first order, staging first",
        &[(
            "apps/loyalty/staging/rules.yaml.j2",
            "  points-per-euro: \"{{ points.perEuro }}\"\n",
            "  points-per-euro: \"{{ points.perEuro }}\"\n  first-order-bonus: \"{{ points.firstOrder }}\"\n",
        )],
    ),
];
