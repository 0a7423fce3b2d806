"""Helpers of the verbs: options, console, project and ledger, approval, receipt."""
