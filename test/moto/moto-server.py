"""moto's server on 127.0.0.1, with the one rule of IAM that it lacks and that every test of access stands on.

A condition does not hold where the request lacks its key: a role whose trust policy asks for an external ID is not
assumed without one. moto lets such requests pass.
"""
import sys

from moto.iam.policy_conditions import CONDITION_OPERATIONS, TrustCondition
from moto.server import main

verify = TrustCondition.verify_condition


def verify_with_missing_keys(self, actual_values):
    if self._condition in CONDITION_OPERATIONS and len(actual_values) < len(self.context_keys):
        return False
    return verify(self, actual_values)


TrustCondition.verify_condition = verify_with_missing_keys
main(["-H", "127.0.0.1", "-p", sys.argv[1]])
