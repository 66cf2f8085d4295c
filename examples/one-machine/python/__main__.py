import pulumi
import pulumi_pictor as pictor

laptop = pictor.SshKey("laptop", public_key=pulumi.Config().require("publicKey"))

trainer = pictor.Instance(
    "trainer",
    gpu_model="RTX 4090",
    max_price_per_hour="0.50",
    rental_hours=24,
    ssh_key_ids=[laptop.id],
)

pulumi.export("hourlyPrice", trainer.hourly_price)
pulumi.export("login", trainer.connection.command)
