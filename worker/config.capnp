# The worker on workerd. Paths and the address are given on the command line; `cargo xtask demo`
# shows how. Secrets come from the environment alone.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "aisle", worker = .aisle),
    # --directory-path site=DIR, artifacts=DIR, do-disk=DIR
    (name = "site", disk = (path = "../site")),
    (name = "artifacts", disk = (path = "../artifacts")),
    (name = "do-disk", disk = (path = "../../worker-data", writable = true)),
    # What the worker fetches by itself: the public network alone.
    (name = "internet", network = (allow = ["public"], tlsOptions = (trustBrowserCas = true))),
    # The language model, which may be in the own network.
    (name = "provider", network = (
      allow = ["public", "private"], tlsOptions = (trustBrowserCas = true),
    )),
    # The systems of shops that have their orders elsewhere. Add "private" for one that is in the
    # own network.
    (name = "connector", network = (allow = ["public"], tlsOptions = (trustBrowserCas = true))),
  ],
  # --socket-addr http=ADDRESS
  sockets = [(name = "http", address = "127.0.0.1:8787", http = (), service = "aisle")],
);

const aisle :Workerd.Worker = (
  modules = [
    # @modules
  ],
  compatibilityDate = "2026-04-01",
  compatibilityFlags = ["enable_request_signal"],
  bindings = [
    (name = "CONVERSATIONS", durableObjectNamespace = "Conversation"),
    (name = "ORDERS", durableObjectNamespace = "Orders"),
    (name = "DIRECTORIES", durableObjectNamespace = "Directory"),
    (name = "VISITORS", durableObjectNamespace = "Visitors"),
    (name = "TILLS", durableObjectNamespace = "Tills"),
    (name = "DESKS", durableObjectNamespace = "Desks"),
    (name = "SITE", service = "site"),
    (name = "ARTIFACTS", service = "artifacts"),
    (name = "PROVIDER", service = "provider"),
    (name = "CONNECTOR", service = "connector"),
    (name = "AISLE_SHOPS", fromEnvironment = "AISLE_SHOPS"),
    (name = "AISLE_LLM_URL", fromEnvironment = "AISLE_LLM_URL"),
    (name = "AISLE_LLM_MODEL", fromEnvironment = "AISLE_LLM_MODEL"),
    (name = "AISLE_LLM_KEY", fromEnvironment = "AISLE_LLM_KEY"),
    (name = "AISLE_ADMIN_KEYS", fromEnvironment = "AISLE_ADMIN_KEYS"),
    (name = "AISLE_ORDER_SECRET", fromEnvironment = "AISLE_ORDER_SECRET"),
    (name = "AISLE_CONNECTOR_KEYS", fromEnvironment = "AISLE_CONNECTOR_KEYS"),
    (name = "AISLE_IDENTITY_SECRETS", fromEnvironment = "AISLE_IDENTITY_SECRETS"),
    (name = "AISLE_SHOPIFY_SECRETS", fromEnvironment = "AISLE_SHOPIFY_SECRETS"),
    (name = "AISLE_SESSION_SECRET", fromEnvironment = "AISLE_SESSION_SECRET"),
    (name = "AISLE_ADDRESS_HEADER", fromEnvironment = "AISLE_ADDRESS_HEADER"),
  ],
  durableObjectNamespaces = [
    (className = "Conversation", uniqueKey = "aisle-conversation", enableSql = true),
    (className = "Orders", uniqueKey = "aisle-orders", enableSql = true),
    (className = "Directory", uniqueKey = "aisle-directory", enableSql = true),
    (className = "Visitors", uniqueKey = "aisle-visitors", enableSql = true),
    (className = "Tills", uniqueKey = "aisle-tills", enableSql = true),
    (className = "Desks", uniqueKey = "aisle-desks", enableSql = true),
  ],
  durableObjectStorage = (localDisk = "do-disk"),
);
