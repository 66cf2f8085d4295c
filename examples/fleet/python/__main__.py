import pulumi
import pulumi_pictor as pictor

config = pulumi.Config()

laptop = pictor.SshKey("laptop", public_key=config.require("publicKey"))

render = pictor.Fleet(
    "render",
    count=config.get_int("machines", 4),
    placement="spreadHosts",
    max_price_per_hour="1.50",
    template={
        "gpu_model": "RTX 3090",
        "rental_hours": 8,
        "ssh_key_ids": [laptop.id],
    },
)

pulumi.export("hourlyPrice", render.hourly_price)
pulumi.export("logins", render.login_commands)
