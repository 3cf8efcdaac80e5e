"""Export plug-ins, one module a platform: each writes the contacts of a campaign in that platform's format.

May import `campaign.export`, `campaign.properties` and `campaign.addresses`.
"""
