"""Properties are tested without a time limit for each example: a busy machine is not a defect."""

from hypothesis import settings

settings.register_profile("rules", deadline=None)
settings.load_profile("rules")
