"""What the verbs share: options, the console, opening a project, approval, receipts."""
