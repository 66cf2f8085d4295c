import pulumi

from trainer import trainer

for name, output in trainer(pulumi.Config().get_bool("autoRenew")).items():
    pulumi.export(name, output)
