package provider

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// fleetMember is an Instance as its fleet sees it.
type fleetMember struct {
	pulumi.CustomResourceState

	InstanceID   pulumi.StringOutput    `pulumi:"instanceId"`
	Name         pulumi.StringOutput    `pulumi:"name"`
	Status       pulumi.StringOutput    `pulumi:"status"`
	GPUModel     pulumi.StringOutput    `pulumi:"gpuModel"`
	GPUCount     pulumi.IntOutput       `pulumi:"gpuCount"`
	Country      pulumi.StringOutput    `pulumi:"country"`
	Host         pulumi.MapOutput       `pulumi:"host"`
	Connection   pulumi.MapOutput       `pulumi:"connection"`
	HourlyPrice  pulumi.StringOutput    `pulumi:"hourlyPrice"`
	PrepaidTotal pulumi.StringOutput    `pulumi:"prepaidTotal"`
	CostSoFar    pulumi.StringOutput    `pulumi:"costSoFar"`
	ExpiresAt    pulumi.StringPtrOutput `pulumi:"expiresAt"`
}

// login is a part of how to log in; it is empty while the machine does not run.
func (m *fleetMember) login(part string) pulumi.StringOutput {
	return m.Connection.ApplyT(func(connection map[string]any) string {
		text, _ := connection[part].(string)
		return text
	}).(pulumi.StringOutput)
}

// outputs is what a fleet shows of an instance; the fleet's schema describes
// these, in the instance's own words.
func (m *fleetMember) outputs() pulumi.Map {
	return pulumi.Map{
		"instanceId":   m.InstanceID,
		"name":         m.Name,
		"status":       m.Status,
		"gpuModel":     m.GPUModel,
		"gpuCount":     m.GPUCount,
		"country":      m.Country,
		"host":         m.Host,
		"connection":   m.Connection,
		"hourlyPrice":  m.HourlyPrice,
		"prepaidTotal": m.PrepaidTotal,
		"costSoFar":    m.CostSoFar,
		"expiresAt":    m.ExpiresAt,
	}
}
