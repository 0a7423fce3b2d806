"""Reports of plans, results and statuses, and the sentence of each reason; they decide nothing."""
