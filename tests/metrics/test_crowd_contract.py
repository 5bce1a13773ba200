"""The metrics of several people through the contract of all metrics."""

import pytest
from crowd_subjects import CROWD
from metric_contract import MetricContract


@pytest.mark.parametrize("subject", CROWD, ids=repr)
class TestCrowdMetrics(MetricContract):
    pass
