"""Cases from the field: the right value for several members of each kind."""
