"""A plain table: an address, and a column for each thing that happened; `--map` names other columns."""

from __future__ import annotations

from frontrow.campaign.response_layout import EventColumn, ResponseLayout

LAYOUT = ResponseLayout(
    name="generic",
    title="table with a column for each response",
    addresses={
        "email": ("email", "e-mail", "email address", "e-mail address", "recipient"),
        "sms": ("phone", "phone number", "mobile", "mobile number", "recipient"),
    },
    responses={
        "sent": ("sent", "sent at"),
        "delivered": ("delivered", "delivered at", "received"),
        "opened": ("opened", "opened at", "opens"),
        "clicked": ("clicked", "clicked at", "clicks"),
        "bounced": ("bounced", "bounced at", "bounces"),
        "unsubscribed": ("unsubscribed", "unsubscribed at", "opted out", "complained", "complained at"),
    },
    events=(
        EventColumn(
            ("event", "status", "action"),
            {
                "sent": ("sent", "send"),
                "delivered": ("delivered", "delivery"),
                "opened": ("opened", "open"),
                "clicked": ("clicked", "click"),
                "bounced": ("bounced", "bounce", "hard bounce", "soft bounce"),
                "unsubscribed": ("unsubscribed", "unsubscribe", "opted out", "complained", "complaint", "spam"),
            },
        ),
    ),
)
