"""`make drill`: the deployed stack on this machine under real faults, judged from outside."""
