"""One settings module. Everything that differs between machines comes from the environment; `config/checks.py` refuses to
start in production with a missing, short or example value."""

import os
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from accounts.crypto.passphrase import KDF_FOR_TESTS_INSECURE, KdfParameters
from accounts.crypto.receipt_code import RECEIPT_KDF

BASE_DIR = Path(__file__).resolve().parent.parent


def env(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def flag(name: str) -> bool:
    return env(name) == "1"


DATA_DIR = Path(env("DATA_DIR") or BASE_DIR / "var").resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)

# The demo and the tests run over plain http on this machine only; anything else is treated as production.
TEMOIN_INSECURE_LOCAL = flag("TEMOIN_INSECURE_LOCAL")
TEMOIN_DEMO = flag("TEMOIN_DEMO")
# Off only where nothing is at stake, and every page says so.
TEMOIN_SECOND_FACTOR_REQUIRED = not (TEMOIN_DEMO or TEMOIN_INSECURE_LOCAL)
DEBUG = False

TEMOIN_KEYS_DIR = Path(env("TEMOIN_KEYS_DIR") or DATA_DIR / "keys")
# The statistics root opens the coarse records: the worker's environment names it, the web process's does not.
TEMOIN_STATISTICS_ROOT_FILE = env("TEMOIN_STATISTICS_ROOT_FILE")
TEMOIN_KDF = KDF_FOR_TESTS_INSECURE if flag("TEMOIN_INSECURE_KDF") else KdfParameters()
TEMOIN_RECEIPT_KDF = KDF_FOR_TESTS_INSECURE if flag("TEMOIN_INSECURE_KDF") else RECEIPT_KDF
TEMOIN_IDLE_SECONDS = int(env("TEMOIN_IDLE_SECONDS", "900"))
TEMOIN_ABSOLUTE_SECONDS = int(env("TEMOIN_ABSOLUTE_SECONDS", "36000"))
TEMOIN_QUICK_EXIT_URL = env("TEMOIN_QUICK_EXIT_URL", "https://www.meteomedia.com/")
TEMOIN_UPLOAD_LIMIT = 20 * 1024 * 1024
# Encrypted evidence files, reached by the web process alone.
TEMOIN_EVIDENCE_DIR = Path(env("TEMOIN_EVIDENCE_DIR") or DATA_DIR / "evidence")
TEMOIN_EVIDENCE_LIMIT = 2 * 1024**3


def secret_key() -> str:
    """From the environment, or kept beside the data on a single local machine, never in the repository."""
    if env("TEMOIN_SECRET_KEY"):
        return env("TEMOIN_SECRET_KEY")
    if not TEMOIN_INSECURE_LOCAL:
        return ""
    path = DATA_DIR / "secret-key"
    if not path.exists():
        path.write_text(os.urandom(48).hex())
        path.chmod(0o600)
    return path.read_text()


SECRET_KEY = secret_key() or "unset-refused-by-temoin.E001"
ALLOWED_HOSTS = env("TEMOIN_HOSTS", "127.0.0.1,localhost").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in env("TEMOIN_ORIGINS").split(",") if o]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "guardian",
    "csp",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "accounts",
    "casework",
    "config",
    # After casework, so that {{ form }} finds our own field templates first.
    "django.forms",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.sessions.VaultMiddleware",
    "casework.views.restored.RestoredMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "accounts.gate.EnrolmentMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "casework.views.refusals.RefusalMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["accounts.templatetags.days"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "casework.views.navigation.navigation",
            ],
        },
    }
]


def database(name: str) -> dict[str, object]:
    """`name`: main, erasure or sessions. Three databases because they are backed up, or not, by different rules:
    erasure shares for at most 14 days, sessions never."""
    if env("TEMOIN_DATABASE", "sqlite") == "postgresql":
        # Host, user and password come from libpq's own PG* variables and password file.
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": env(f"TEMOIN_{name.upper()}_DB_NAME", f"temoin_{name}"),
            "HOST": env(f"TEMOIN_{name.upper()}_DB_HOST", env("PGHOST")),
        }
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA_DIR / f"{name}.sqlite3",
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON;",
        },
    }


# Whom `migrate_all` lets destroy erasure shares.
TEMOIN_WORKER_ROLE = env("TEMOIN_WORKER_ROLE", "temoin_worker")

DATABASES = {"default": database("main"), "erasure": database("erasure"), "sessions": database("sessions")}
DATABASE_ROUTERS = ["config.routers.OnePurposeRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Nothing decrypted is ever cached; this holds only rate-limit counters, in memory, and never a table of addresses on disk.
TEMOIN_REDIS_URL = env("TEMOIN_REDIS_URL")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": TEMOIN_REDIS_URL}
    if TEMOIN_REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["accounts.hasher.SplitArgon2idHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.validators.LongEnough", "OPTIONS": {"min_length": 12}},
    {
        "NAME": "accounts.validators.UnlikeTheName",
        "OPTIONS": {"user_attributes": ["username"]},
    },
    {"NAME": "accounts.validators.Uncommon"},
    {"NAME": "accounts.validators.HardToGuess"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "accounts.adapter.VaultAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGIN_TIMEOUT = 300
# Guessing a receipt is hopeless; this is for the memory that each run of Argon2id takes.
ACCOUNT_RATE_LIMITS = {"receipt": "20/m/ip"}
MFA_ADAPTER = "accounts.second_factor.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = False
MFA_TRUST_ENABLED = False
MFA_RECOVERY_CODE_DIGITS = 10
# Behind the proxy every visitor would otherwise share one rate limit.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if flag("TEMOIN_BEHIND_PROXY") else 0

# No superuser is waved through, no anonymous user object exists: guardian only answers about rows.
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
GUARDIAN_RAISE_403 = False

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_AGE = TEMOIN_ABSOLUTE_SECONDS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "accounts.carried.with_an_old_token"
CSRF_COOKIE_SAMESITE = "Strict"
LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not TEMOIN_INSECURE_LOCAL
TEMOIN_VAULT_COOKIE = "vaultkey" if TEMOIN_INSECURE_LOCAL else "__Host-vaultkey"
SECURE_SSL_REDIRECT = not TEMOIN_INSECURE_LOCAL
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if flag("TEMOIN_BEHIND_PROXY") else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^healthz/$"]
SECURE_HSTS_SECONDS = 0 if TEMOIN_INSECURE_LOCAL else 63072000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not TEMOIN_INSECURE_LOCAL
# Not "no-referrer": under it browsers send "Origin: null" with a form and Django refuses every POST. This one, too,
# tells other sites nothing.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'", TEMOIN_QUICK_EXIT_URL],
        "frame-ancestors": ["'none'"],
    }
}

# Django would write uploads over 2.5 MB to a plaintext temporary file; ours keeps them in memory and refuses early.
FILE_UPLOAD_HANDLERS = ["casework.importing.uploads.MemoryOnlyUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4000

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
TIME_ZONE = env("TEMOIN_TIME_ZONE", "America/Montreal")
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = Path(env("TEMOIN_STATIC_ROOT") or DATA_DIR / "static")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

# Celery: messages carry a job's id and nothing else; what the worker does and how far it is stands in the Job table.
TEMOIN_BROKER = env("TEMOIN_BROKER", "filesystem")
BROKER_DIR = DATA_DIR / "broker"

# A log line names what failed and where, never a value: no arguments, no request body, no address, no query parameters.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "config.logs.NoContentFormatter",
            "format": "{levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "django.db.backends": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "django.request": {"handlers": ["console"], "level": "ERROR", "propagate": False},
        "django.security": {"handlers": ["console"], "level": "ERROR", "propagate": False},
        # It names passkeys as it registers them.
        "fido2": {"handlers": [], "level": "CRITICAL", "propagate": False},
        "django.server": {"handlers": [], "level": "CRITICAL", "propagate": False},
    },
}
ADMINS: list[tuple[str, str]] = []
DEFAULT_EXCEPTION_REPORTER = "config.logs.SilentReporter"

# guardian's backend for `user.has_perm` is left out on purpose: `casework.permissions` is the one way to ask.
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]
